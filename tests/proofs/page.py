def written(o): return ""
