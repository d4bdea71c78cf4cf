using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.AspNetCore.Authorization;

/// <summary>
/// The method of a call. Methods are words of one case to a proxy, which refuses others, and ASP.NET routes by them whatever the case: <c>get</c> must not
/// get past a rule about <c>GET</c>. A WebSocket over HTTP/2 comes as CONNECT, and is a GET to a proxy.
/// </summary>
internal readonly struct MethodSight(string method, bool isTunnel)
{
    private const string OfTunnels = "GET";

    private readonly string _method = method;
    private readonly bool _isTunnel = isTunnel;
    private readonly bool _isOdd = IsOdd(method);

    /// <summary>Whether one of some patterns matches; where that may be seen in two ways, in both of them if it must be sure.</summary>
    public bool Matches(ImmutableArray<TextPattern> patterns, bool mustBeSure)
    {
        if (_isOdd && mustBeSure)
        {
            return false;
        }

        foreach (var pattern in patterns)
        {
            if ((_isTunnel && pattern.Matches(OfTunnels))
                || (!(_isTunnel && mustBeSure) && (_isOdd ? pattern.MatchesInAnyCase(_method) : pattern.Matches(_method))))
            {
                return true;
            }
        }

        return false;
    }

    // Few characters, for which vectors are not worth it.
    private static bool IsOdd(string method)
    {
        foreach (var c in method)
        {
            if (char.IsAsciiLetterLower(c))
            {
                return true;
            }
        }

        return false;
    }
}
