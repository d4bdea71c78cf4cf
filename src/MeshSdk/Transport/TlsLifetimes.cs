using System.Numerics;
using MeshSdk.Security;

namespace MeshSdk.Transport;

/// <summary>
/// How long connections over TLS are used. One that is made with a certificate is given up, when its requests are over, after a tenth of that
/// certificate's life and never later than after an hour, so that neither a certificate nor an authority that was taken back is believed for long.
/// </summary>
/// <remarks>
/// The bound is an option of the handlers, which cannot be changed any more when they are in use: another bound means other handlers. So it moves in
/// steps of powers of two, and only when it has to, or when it could be a multiple: certificates of nearly the same life leave connections alone.
/// </remarks>
internal sealed class TlsLifetimes
{
    /// <summary>Where nothing asks for less.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private const int WorthTheChange = 4;

    private long _ticks = Longest.Ticks;

    /// <summary>That of connections which show an identity of the mesh, or believe by it.</summary>
    public TimeSpan OfIdentity => new(Volatile.Read(ref _ticks));

    /// <summary>The step that is allowed.</summary>
    public static TimeSpan Of(TimeSpan allowed) => allowed >= Longest ? Longest : new TimeSpan(RoundDown(allowed.Ticks));

    /// <summary>From now on this is the identity that connections are made with. One caller at a time.</summary>
    /// <returns>Whether the bound is another one now.</returns>
    public bool Adopt(IdentityContext identity)
    {
        var allowed = identity.ConnectionLifetime.Ticks;
        var (before, after) = (_ticks, Of(identity.ConnectionLifetime).Ticks);
        if (after == before || (before <= allowed && after < WorthTheChange * before && after != Longest.Ticks))
        {
            return false;
        }

        Volatile.Write(ref _ticks, after);
        return true;
    }

    private static long RoundDown(long ticks) => 1L << BitOperations.Log2((ulong)ticks);
}
