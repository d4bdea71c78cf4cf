using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using MeshSdk.Model;

namespace MeshSdk.AspNetCore.Authorization;

/// <summary>
/// The path of a call as a proxy before the application would normalise it, and as the application itself is given it. A proxy passes on what it has
/// normalised; nothing is rewritten here, so that the two may differ, and a path that looks harmless in one of them must not pass for that.
/// </summary>
internal readonly ref struct PathSight
{
    private readonly ReadOnlySpan<char> _path;
    private readonly ReadOnlySpan<char> _given;
    private readonly bool _isAlike;
    private readonly bool _isMurky;
    private readonly char[]? _rented;

    /// <param name="call">Whose path it is.</param>
    /// <param name="normalization">What a proxy does.</param>
    public PathSight(in InboundCall call, PathNormalization normalization)
    {
        _given = call.Path;
        ReadOnlySpan<char> target = call.Target;
        if (target is not ['/', ..] && target.IndexOf("://") is >= 0 and var scheme)
        {
            target = target[(scheme + 3)..];
            var end = target.IndexOfAny("/?#\\") is >= 0 and var found ? found : target.Length;
            Authority = target[(target[..end].LastIndexOf('@') + 1)..end];
            target = target[end..];
            target = target is ['/' or '\\', ..] ? target : "/";
        }
        else if (target is not (['/', ..] or "*"))
        {
            IsAbsent = true;
            return;
        }

        var sent = target.IndexOfAny('?', '#') is >= 0 and var length ? target[..length] : target;
        var path = sent;
        if (!PathNormalizer.IsNormal(path, normalization))
        {
            _rented = ArrayPool<char>.Shared.Rent(path.Length * PathNormalizer.Growth);
            path = _rented.AsSpan(0, PathNormalizer.Normalize(path, _rented, normalization));
        }

        _path = path;
        _isAlike = path.SequenceEqual(_given) || IsGivenAs(path, _given);

        // What the most thorough normalization leaves alone, every other one does. And what a server leaves of dots in the path of a whole URL, some
        // applications resolve and some do not.
        _isMurky = (normalization == PathNormalization.Unknown && !path.SequenceEqual(sent)) || (!_isAlike && (_given.Contains("/../", StringComparison.Ordinal) || _given.Contains("/./", StringComparison.Ordinal)
            || _given.EndsWith("/..", StringComparison.Ordinal) || _given.EndsWith("/.", StringComparison.Ordinal)));
    }

    /// <summary>Whether a proxy would see no path, as in CONNECT.</summary>
    public bool IsAbsent { get; }

    /// <summary>The host of a target that is a whole URL; empty where it is none.</summary>
    public ReadOnlySpan<char> Authority { get; }

    /// <summary>
    /// Whether one of some patterns matches. If it must be sure, the normalised path has to, and so has what the application is given, unless that is the
    /// very thing which a proxy would have it given; else it is enough if either does. Where it cannot be told what a proxy would make of it, or the application
    /// of what it is given, that may match, and is not sure to.
    /// </summary>
    public bool Matches(ImmutableArray<PathPattern> patterns, bool mustBeSure)
    {
        if (_isMurky)
        {
            return !mustBeSure;
        }

        return mustBeSure
            ? !IsAbsent && Any(patterns, _path, isGenerous: false) && (_isAlike || Any(patterns, _given, isGenerous: false))
            : (!IsAbsent && Any(patterns, _path, isGenerous: true)) || Any(patterns, _given, isGenerous: true);
    }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<char>.Shared.Return(_rented);
        }
    }

    private static bool Any(ImmutableArray<PathPattern> patterns, ReadOnlySpan<char> path, bool isGenerous)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(path, isGenerous))
            {
                return true;
            }
        }

        return false;
    }

    // The server decodes what is escaped, once, but for slashes. Where this says no of what it would decode all the same, rules are merely stricter.
    private static bool IsGivenAs(ReadOnlySpan<char> path, ReadOnlySpan<char> given)
    {
        Span<byte> bytes = stackalloc byte[4];
        Span<char> decoded = stackalloc char[2];
        for (var i = 0; i < path.Length;)
        {
            int taken;
            if (PathNormalizer.EscapeAt(path, i) is not { } escaped || escaped == '/')
            {
                (decoded[0], taken) = (path[i], 1);
                i++;
            }
            else
            {
                var count = 0;
                for (var at = i; count < bytes.Length && at < path.Length && PathNormalizer.EscapeAt(path, at) is { } next; at += 3)
                {
                    bytes[count++] = next;
                }

                if (Rune.DecodeFromUtf8(bytes[..count], out var rune, out var used) != OperationStatus.Done)
                {
                    return false;
                }

                taken = rune.EncodeToUtf16(decoded);
                i += used * 3;
            }

            if (!given.StartsWith(decoded[..taken]))
            {
                return false;
            }

            given = given[taken..];
        }

        return given.IsEmpty;
    }
}
