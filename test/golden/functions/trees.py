"""jax.tree: functions over trees of arrays and numbers."""
import passed  # noqa: F401  fills suite.FUNCTIONS and suite.ADAPTED

TREES = [{"a": "@f32[2]e1", "b": "@f32[]e2"}, ["@f32[2]e3", "@i32[1]i4"], {"x": {"y": "@f32[2]e5"}, "w": ["@f32[1]e6", "@f32[1]e7"]}, "@f32[3]e8", {"b": 1, "a": 2}, [[1, 2], [3]], {"a": None, "b": 2.5}, [], {}, {"z": [1, {"k": "@f32[1]e9"}]}, [None, 1], {"deep": [[["@f32[1]e10"]]]}]


def cases(s):
    plain = "jit vjp jvp vmap"
    for tree in TREES:
        for name in ["tree.leaves", "tree.flatten", "tree.structure", "tree.flatten_with_path", "tree.leaves_with_path"]:
            s.call(name, tree, _without=plain)
    for name in ["tree.leaves", "tree.flatten", "tree.structure", "tree.flatten_with_path", "tree.leaves_with_path"]:
        s.refuse(name)
        s.refuse(name, [1], bogusOption=1)
    for tree in TREES:
        s.call("tree.map", "@fn.double", tree, _without=plain)
        s.call("tree.map_with_path", "@fn.double", tree, _without=plain)
    s.call("tree.map", "@fn.add", {"a": "@f32[2]e1", "b": 1}, {"a": "@f32[2]e2", "b": 2}, _without=plain)
    s.call("tree.map", "@fn.add", ["@f32[2]e3", ["@f32[1]e4"]], ["@f32[2]e5", ["@f32[1]e6"]], _without=plain)
    s.call("tree.map", "@fn.difference", [1, [2, 3]], [4, [5, 6]], _without=plain)
    s.refuse("tree.map", "@fn.add", [1, 2], [1])
    s.refuse("tree.map", "@fn.add", {"a": 1}, {"b": 1})
    s.refuse("tree.map", "@fn.double")
    s.refuse("tree.map", 5, [1])
    for tree in [{"a": "@f32[2]e1", "b": "@f32[2]e2"}, ["@f32[2]e3", "@f32[1]e4"], [1, 2, 3], {"b": 1, "a": 2}, [[1, 2], [3]], "@f32[2]e5", [None, 4], {"x": {"y": 2}}]:
        s.call("tree.reduce", "@fn.add", tree, _without=plain)
    s.call("tree.reduce", "@fn.add", [1, 2], 10, _without=plain)
    s.call("tree.reduce", "@fn.difference", [1, 2, 3], 0, _without=plain)
    s.call("tree.reduce", "@fn.add", [], 7, _without=plain)
    s.call("tree.reduce", "@fn.difference", ["@f32[2]e6", "@f32[2]e7"], "@f32[]e8", _without=plain)
    s.refuse("tree.reduce", "@fn.add", [])
    s.refuse("tree.reduce", "@fn.add")
    for tree in [[True, True], [True, False], {"a": 1, "b": 0}, {"a": 1, "b": 2}, [], {}, [[1, [2]], 3], [[1, [0]], 3], {"x": {"y": True}}, [2.5], [0.0], [None, 1]]:
        s.call("tree.all", tree, _without=plain)
    s.refuse("tree.all")
    for like, leaves in [([0, 0], [1, 2]), ({"a": 0, "b": 0}, ["@f32[2]e1", "@f32[1]e2"]), ({"b": 0, "a": 0}, [1, 2]), ([[0], {"k": 0}], [5, 6]), (0, [7]), ([], []), ({}, []), ([None, 0], [3]), ({"x": [0, {"y": 0}]}, ["@f32[1]e3", 4]), ([0], ["@f32[2]e4"]), ({"a": None, "b": 0}, [2]), ([[0, 0], [0]], [1, 2, 3])]:
        s.call("tree.unflatten", like, leaves, _without=plain)
    s.refuse("tree.unflatten", [0, 0], [1])
    s.refuse("tree.unflatten", [0], [1, 2])
    for outer, inner, tree in [([0, 0], {"a": 0, "b": 0}, [{"a": 1, "b": 2}, {"a": 3, "b": 4}]), ({"a": 0}, [0, 0], {"a": [1, 2]}), ([0], [0], [[5]]), ({"a": 0, "b": 0}, [0], {"a": ["@f32[2]e1"], "b": ["@f32[2]e2"]}), ([0, 0, 0], [0, 0], [[1, 2], [3, 4], [5, 6]]), ([0, 0], {"x": [0, 0]}, [{"x": [1, 2]}, {"x": [3, 4]}]), ([[0], 0], [0, 0], [[[1, 2]], [3, 4]]), ({"k": {"l": 0}}, [0], {"k": {"l": [1]}}), ([0, 0], [0], [["@f32[1]e3"], ["@f32[1]e4"]]), ({"a": 0, "b": 0}, {"c": 0, "d": 0}, {"a": {"c": 1, "d": 2}, "b": {"c": 3, "d": 4}}), ([0], {"a": [0]}, [{"a": [2.5]}]), ([0, 0], [0, 0], [["@f32[2]e5", 1], [2, "@f32[1]e6"]])]:
        s.call("tree.transpose", outer, inner, tree, _without=plain)
    s.refuse("tree.transpose", [0, 0], [0], [[1]])
    s.refuse("tree.transpose", [0], [0, 0], [[1]])
