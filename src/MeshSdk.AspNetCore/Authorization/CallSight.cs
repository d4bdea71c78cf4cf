using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.AspNetCore.Authorization;

/// <summary>
/// One call as rules look at it. Where a proxy before the application would see something else than the application does, a rule that has to be sure
/// matches what both see, and any other one matches what either does.
/// </summary>
internal readonly ref struct CallSight
{
    private readonly InboundCall _call;
    private readonly PathSight _path;
    private readonly ReadOnlySpan<char> _identity;
    private readonly ReadOnlySpan<char> _principal;
    private readonly ReadOnlySpan<char> _host;
    private readonly MethodSight _method;
    private readonly AddressBits? _address;

    public CallSight(in InboundCall call, PathSight path)
    {
        const string scheme = "spiffe://";
        _call = call;
        _path = path;
        _identity = call.Caller?.ToString();
        _principal = _identity.IsEmpty ? default : _identity[scheme.Length..];
        _host = path.Authority.IsEmpty ? call.Host : path.Authority;
        _address = call.Address is { } address ? AddressBits.Of(address) : null;
        _method = new MethodSight(call.Method, isTunnel: !path.IsAbsent && call.Method == "CONNECT");
    }

    public bool Matches(AuthorizationRule rule, bool mustBeSure)
    {
        foreach (var condition in rule.CallerConditions)
        {
            if (!Matches(condition))
            {
                return false;
            }
        }

        foreach (var condition in rule.CallConditions)
        {
            if (!Matches(condition, mustBeSure))
            {
                return false;
            }
        }

        return MatchesCaller(rule.Callers) && MatchesCall(rule.Calls, mustBeSure);
    }

    private bool MatchesCaller(ImmutableArray<CallerMatch> callers)
    {
        foreach (var caller in callers)
        {
            if (Matches(caller))
            {
                return true;
            }
        }

        return callers.IsEmpty;
    }

    private bool MatchesCall(ImmutableArray<CallMatch> calls, bool mustBeSure)
    {
        foreach (var call in calls)
        {
            if (Matches(call, mustBeSure))
            {
                return true;
            }
        }

        return calls.IsEmpty;
    }

    // Here and below: what is demanded most often, and what is cheapest, comes first, and the counterparts, which few rules have, last.
    private bool Matches(CallerMatch match) =>
        (match.Principals.IsEmpty || IsPrincipal(match.Principals))
        && (match.Namespaces.IsEmpty || IsInNamespace(match.Namespaces))
        && (match.Accounts.IsEmpty || IsAccount(match.Accounts))
        && (match.Addresses.IsEmpty || IsAt(match.Addresses))
        && (match.NotPrincipals.IsEmpty || !IsPrincipal(match.NotPrincipals))
        && (match.NotNamespaces.IsEmpty || !IsInNamespace(match.NotNamespaces))
        && (match.NotAccounts.IsEmpty || !IsAccount(match.NotAccounts))
        && (match.NotAddresses.IsEmpty || !IsAt(match.NotAddresses));

    private bool Matches(CallMatch match, bool mustBeSure) =>
        (match.Ports.IsEmpty || match.Ports.Contains(_call.Port))
        && (match.Methods.IsEmpty || _method.Matches(match.Methods, mustBeSure))
        && (match.Paths.IsEmpty || _path.Matches(match.Paths, mustBeSure))
        && (match.Hosts.IsEmpty || IsHost(match.Hosts, mustBeSure))
        && (match.NotPorts.IsEmpty || !match.NotPorts.Contains(_call.Port))
        && (match.NotMethods.IsEmpty || !_method.Matches(match.NotMethods, !mustBeSure))
        && (match.NotPaths.IsEmpty || !_path.Matches(match.NotPaths, !mustBeSure))
        && (match.NotHosts.IsEmpty || !IsHost(match.NotHosts, !mustBeSure));

    // Who has proved nothing is matched by nothing, and so by no negation of anything either.
    private bool IsPrincipal(ImmutableArray<TextPattern> patterns)
    {
        foreach (var pattern in patterns)
        {
            if (!_principal.IsEmpty && pattern.Matches(_principal))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsInNamespace(ImmutableArray<GlobPattern> patterns)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(_identity))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAccount(ImmutableArray<AccountPattern> patterns)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(_principal))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAt(ImmutableArray<AddressBlock> blocks)
    {
        foreach (var block in blocks)
        {
            if (_address is { } address && block.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsHost(ImmutableArray<TextPattern> patterns, bool mustBeSure)
    {
        // A target with a host of its own beside the header: a proxy goes by the first, and the application by the second.
        var isSame = _host.Equals(_call.Host, StringComparison.OrdinalIgnoreCase);
        var (inProxy, inApplication) = (Any(patterns, _host), isSame || Any(patterns, _call.Host));
        return isSame ? inProxy : mustBeSure ? inProxy && inApplication : inProxy || inApplication;

        static bool Any(ImmutableArray<TextPattern> patterns, ReadOnlySpan<char> host)
        {
            foreach (var pattern in patterns)
            {
                if (pattern.MatchesInAnyCase(host))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
