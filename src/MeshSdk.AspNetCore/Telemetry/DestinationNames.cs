using System.Buffers;
using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.AspNetCore.Telemetry;

/// <summary>
/// By which of the names of its own namespace this process was called. It is the caller that says so: the names of Services that the mesh knows count
/// always, and of others, which it may not have been asked for yet, some in an hour. All that come later in that are nobody's, so that no caller can fill a
/// dashboard.
/// </summary>
/// <param name="own">Where this process is.</param>
/// <param name="isKnown">Whether the mesh knows of a Service. That it does not is no proof that there is none, where services are loaded on demand.</param>
/// <param name="time">The clock.</param>
internal sealed class DestinationNames(CallerContext own, Func<ServiceId, bool> isKnown, TimeProvider time)
{
    private const int MostUnknown = 64;
    private const int LongestHost = 253 + 6;

    private static readonly TimeSpan Stretch = TimeSpan.FromHours(1);
    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private readonly ServiceNames _names = new(own, static _ => false);
    private readonly ConcurrentDictionary<string, string> _services = new(StringComparer.OrdinalIgnoreCase);
    private long _began = time.GetTimestamp();
    private int _unknown;

    /// <param name="host">With or without a port.</param>
    /// <returns>Null where it is the name of no Service of the own namespace, or where that is not known.</returns>
    public string? ServiceOf(string? host)
    {
        if (host is null or { Length: > LongestHost })
        {
            return null;
        }

        // However it is written, it is kept once.
        var name = host.AsSpan();
        name = (name.IndexOf(':') is >= 0 and var colon ? name[..colon] : name).TrimEnd('.');
        return _services.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var service) ? service : Read(name.ToString().ToLowerInvariant());
    }

    private string? Read(string name)
    {
        if (name == "localhost" || name.AsSpan().ContainsAnyExcept(Characters) || _names.ServiceOf(name) is not { } id || id.Namespace != own.Namespace)
        {
            return null;
        }

        return isKnown(id) || MayGuess() ? _services.GetOrAdd(name, id.Name) : null;
    }

    private bool MayGuess()
    {
        var (now, began) = (time.GetTimestamp(), Volatile.Read(ref _began));
        if (time.GetElapsedTime(began, now) >= Stretch && Interlocked.CompareExchange(ref _began, now, began) == began)
        {
            _services.Clear();
            Volatile.Write(ref _unknown, 0);
        }

        return Volatile.Read(ref _unknown) < MostUnknown && Interlocked.Increment(ref _unknown) <= MostUnknown;
    }
}
