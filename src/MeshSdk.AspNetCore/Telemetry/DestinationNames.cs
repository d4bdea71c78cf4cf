using System.Buffers;
using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.AspNetCore.Telemetry;

/// <summary>
/// By which of the names of its own namespace this process was called. It is the caller that says so: some names are remembered, and all that come
/// later are nobody's, so that no caller can fill a dashboard.
/// </summary>
internal sealed class DestinationNames(CallerContext own)
{
    private const int MostNames = 64;
    private const int LongestHost = 253 + 6;

    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private readonly ServiceNames _names = new(own, static _ => false);
    private readonly ConcurrentDictionary<string, string?> _services = new(StringComparer.Ordinal);

    /// <param name="host">With or without a port.</param>
    /// <returns>Null where it is the name of no Service of the own namespace, or where that is not known.</returns>
    public string? ServiceOf(string? host)
    {
        if (host is null or { Length: > LongestHost })
        {
            return null;
        }

        return _services.TryGetValue(host, out var service) ? service
            : _services.Count >= MostNames ? null
            : _services.GetOrAdd(host, Read(host));
    }

    private string? Read(string host)
    {
        var name = host.Split(':')[0].TrimEnd('.').ToLowerInvariant();
        return name != "localhost" && !name.AsSpan().ContainsAnyExcept(Characters) && _names.ServiceOf(name) is { } id && id.Namespace == own.Namespace
            ? id.Name
            : null;
    }
}
