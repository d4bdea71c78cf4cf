namespace MeshSdk.Testing.Schemas;

/// <summary>Paths as the API server writes them in messages: <c>spec.rules[0].name</c>.</summary>
internal static class FieldPathText
{
    public static string Field(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static string Item(string path, int index) => $"{path}[{index}]";
}
