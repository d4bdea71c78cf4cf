using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Discovery;

/// <summary>
/// Which kinds there are, as clients ask before anything else: classic, a document for each group version, and aggregated. Kept until a kind comes or
/// goes.
/// </summary>
internal sealed class DiscoveryDocuments(IObjectSemantics semantics)
{
    private readonly ConcurrentDictionary<string, (long Revision, byte[]? Document)> _documents = new(StringComparer.Ordinal);

    /// <summary><c>/api</c>.</summary>
    public ReadOnlyMemory<byte> CoreVersions => Kept("/api", _ => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(),
    })!;

    /// <summary><c>/apis</c>.</summary>
    public ReadOnlyMemory<byte> Groups => Kept("/apis", entries => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. GroupNames(entries).Select(group => ClassicDiscovery.Group(group, entries))]),
    })!;

    /// <summary><c>/api</c> and <c>/apis</c> in one form with all that is below them.</summary>
    /// <param name="version">v2 or v2beta1.</param>
    /// <param name="isCore">Whether the core group alone is asked for, or all others.</param>
    public ReadOnlyMemory<byte> Aggregated(string version, bool isCore) => Kept($"{version} {isCore}", entries => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. (isCore ? [""] : GroupNames(entries)).Select(group => AggregatedDiscovery.Group(group, entries))]),
    })!;

    /// <summary><c>/apis/GROUP</c>; null where there is no such group.</summary>
    public ReadOnlyMemory<byte>? Group(string group) => Nullable(Kept($"group {group}", entries =>
        GroupNames(entries).Contains(group) ? ClassicDiscovery.Group(group, entries, isDocument: true) : null));

    /// <summary><c>/api/v1</c>, <c>/apis/GROUP/VERSION</c>; null where there is no such group version.</summary>
    public ReadOnlyMemory<byte>? Resources(string group, string version) => Nullable(Kept($"resources {group}/{version}", entries =>
        entries.Any(entry => entry.Group == group && entry.Version == version) ? ClassicDiscovery.Resources(group, version, entries) : null));

    private static IEnumerable<string> GroupNames(IReadOnlyList<DiscoveryEntry> entries) =>
        entries.Select(entry => entry.Group).Where(group => group.Length > 0).Distinct();

    // Written out, because a bare null would become the empty memory.
    private static ReadOnlyMemory<byte>? Nullable(byte[]? document) => document is null ? (ReadOnlyMemory<byte>?)null : document;

    private byte[]? Kept(string name, Func<IReadOnlyList<DiscoveryEntry>, JsonObject?> make)
    {
        var revision = semantics.Revision;
        if (_documents.TryGetValue(name, out var kept) && kept.Revision == revision)
        {
            return kept.Document;
        }

        var document = make(DiscoveryEntry.All(semantics)) is { } made ? JsonSerializer.SerializeToUtf8Bytes(made, JsonContext.Default.JsonObject) : null;

        // What is not there is not kept: any name can be asked for.
        if (document is not null)
        {
            _documents[name] = (revision, document);
        }

        return document;
    }
}
