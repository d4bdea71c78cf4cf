using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using MeshSdk.Model;

namespace MeshSdk.Http.Sessions;

/// <summary>Writes and reads the tokens that clients keep their place by: opaque text of letters, digits, <c>-</c> and <c>_</c>.</summary>
/// <remarks>
/// <para>
/// A token holds a version, the position of the backend, the time of issue, a keyed hash of the endpoint's identity (the uid of its pod, its address where
/// it is no pod) within its cluster, and a keyed hash of all that together with the rule. It holds no address, and is only ever compared with the
/// endpoints that the rule leads to now: no token makes a process dial anything else.
/// </para>
/// <para>
/// The next request of a session may come from another replica of the application, or from this one after a restart. So the key is nothing that a process
/// makes up: it follows from <see cref="MeshOptions.SessionKey"/>, and where there is none it is the same everywhere. Without a key of its own a rule
/// still takes no token of another rule and none that was damaged. What a forger gains then is what a client of cookies that are not secret has in any
/// proxy: to choose among the rule's own ready endpoints, also those whose weight has become 0, and for longer than the session was to last. Where that
/// matters the option closes it.
/// </para>
/// </remarks>
internal sealed class SessionTokens
{
    private const byte Version = 1;
    private const int HeadLength = 18;
    private const int MacLength = 16;
    private const int Length = HeadLength + MacLength;
    private const int TextLength = 46; // base 64 without padding
    private const int MostOnStack = 512;

    // Replicas' clocks differ; a token from further ahead was made up.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <param name="key">A secret of the application's; null for none.</param>
    public SessionTokens(string? key, TimeProvider time)
    {
        _key = SHA256.HashData(Encoding.UTF8.GetBytes($"MeshSdk sessions {Version}\n{key}"));
        _time = time;
        Identify = IdentityOf;
    }

    /// <summary>Names an endpoint of a cluster, in a way that nobody without the key can trace back.</summary>
    public Func<ClusterId, EndpointModel, ulong> Identify { get; }

    /// <param name="scope">What the session belongs to: one rule.</param>
    public string Issue(string scope, int backend, ulong endpoint)
    {
        Span<byte> token = stackalloc byte[Length];
        token[0] = Version;
        token[1] = (byte)Math.Min(backend, byte.MaxValue);
        BinaryPrimitives.WriteInt64BigEndian(token[2..], _time.GetUtcNow().ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt64BigEndian(token[10..], endpoint);
        Authenticate(scope, token[..HeadLength], token[HeadLength..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>False for what is no token, not of that scope, or too old.</summary>
    /// <param name="timeout">How long a session lasts; null: for ever.</param>
    public bool TryRead(ReadOnlySpan<char> text, string scope, TimeSpan? timeout, out SessionToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != TextLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || written != Length
            || bytes[0] != Version)
        {
            return false;
        }

        Span<byte> mac = stackalloc byte[MacLength];
        Authenticate(scope, bytes[..HeadLength], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[HeadLength..]))
        {
            return false;
        }

        var age = _time.GetUtcNow().ToUnixTimeMilliseconds() - (decimal)BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        if (age < -(decimal)ClockSkew.TotalMilliseconds || (timeout is { } limit && age >= (decimal)limit.TotalMilliseconds))
        {
            return false;
        }

        token = new SessionToken(BinaryPrimitives.ReadUInt64BigEndian(bytes[10..]), bytes[1]);
        return true;
    }

    private ulong IdentityOf(ClusterId cluster, EndpointModel endpoint)
    {
        var identity = endpoint.PodId == Guid.Empty ? endpoint.HostPort : endpoint.PodId.ToString("N");
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"endpoint\n{cluster}\n{identity}"), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    private void Authenticate(string scope, ReadOnlySpan<byte> head, Span<byte> mac)
    {
        var length = HeadLength + Encoding.UTF8.GetByteCount(scope);
        Span<byte> text = length <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[length];
        head.CopyTo(text);
        Encoding.UTF8.GetBytes(scope, text[HeadLength..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text[..length], hash);
        hash[..MacLength].CopyTo(mac);
    }
}
