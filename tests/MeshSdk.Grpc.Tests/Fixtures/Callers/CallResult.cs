using Grpc.Core;

namespace MeshSdk.Grpc.Tests.Fixtures.Callers;

/// <summary>What a caller gets to see of a call.</summary>
internal sealed record CallResult(StatusCode Status, string Detail, string? Server, IReadOnlyList<string> Texts, Metadata Headers, Metadata Trailers)
{
    /// <summary>The metadata that arrived at the server, where it has answered.</summary>
    public IReadOnlyList<string> Arrived { get; init; } = [];

    /// <summary>Whom the server held the caller for.</summary>
    public string Peer { get; init; } = "";

    public override string ToString() => $"{Status} \"{Detail}\" of {Server ?? "nobody"}: {string.Join(',', Texts)}";
}
