namespace MeshSdk.Tool.Foreign;

/// <summary>What a foreign object would do to the calls of a service behind a sidecar, and does not do here.</summary>
/// <param name="Source">The object.</param>
/// <param name="Path">The field that touches the service; empty for the whole object.</param>
/// <param name="Message">For people.</param>
internal sealed record ForeignEffect(ForeignObject Source, string Path, string Message);
