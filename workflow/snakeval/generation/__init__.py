"""Problems x model -> generations: asked for here, by an agent in several turns, or made elsewhere.

Nobody below the report needs it: graders read its files. It never imports a grader.
"""
