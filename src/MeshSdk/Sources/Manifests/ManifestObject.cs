namespace MeshSdk.Sources.Manifests;

/// <summary>An object as it stands in a text, whatever can be made of it.</summary>
/// <param name="File">As problems name it.</param>
/// <param name="Document">Its number in the text, from one.</param>
/// <param name="Node">The object alone, also where it is an item of a list.</param>
/// <param name="ApiVersion">Its own, else that of its list; null where neither states one.</param>
/// <param name="Kind">Likewise.</param>
internal sealed record ManifestObject(string File, int Document, MappingNode Node, string? ApiVersion, string? Kind);
