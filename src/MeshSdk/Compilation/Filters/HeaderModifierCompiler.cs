using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Filters;

/// <summary>
/// Compiles changes to headers. Of equal names in a list the first one counts; a name in two lists says two things at once, which the API forbids.
/// </summary>
internal static class HeaderModifierCompiler
{
    private const int Most = 16;
    private const string Host = "Host";

    /// <summary>The filters that it comes to: Host is no header like others but the authority, and to set it is to rewrite that.</summary>
    public static IEnumerable<RouteFilter> Compile(HttpHeaderFilter? source, HeaderDirection direction, FilterSite site)
    {
        var stanza = direction == HeaderDirection.Request ? ".requestHeaderModifier" : ".responseHeaderModifier";
        if (source is null)
        {
            site.Fail(stanza, $"the filter says nothing; {stanza[1..]} is missing");
            return [];
        }

        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var set = Values(source.Set.OrEmpty(), "set");
        var add = Values(source.Add.OrEmpty(), "add");
        var remove = Names(source.Remove.OrEmpty());
        return site.Failure is null ? Filters(set, add, remove) : [];

        ImmutableArray<HeaderValue> Values(ImmutableArray<HttpHeaderValue> headers, string action)
        {
            var values = ImmutableArray.CreateBuilder<HeaderValue>(headers.Length);
            Limit(headers.Length, action);
            for (var i = 0; i < headers.Length; i++)
            {
                var (name, value) = (headers[i]?.Name ?? "", headers[i]?.Value ?? "");
                if (Take(name, action, i, ".name") && !IsWrong(HeaderSyntax.ProblemOfValue(name, value, direction == HeaderDirection.Request), action, i, ".value"))
                {
                    values.Add(new HeaderValue(name, value.Trim()));
                }
            }

            return values.DrainToImmutable();
        }

        ImmutableArray<string> Names(ImmutableArray<string> removed)
        {
            Limit(removed.Length, "remove");
            return [.. removed.Where((name, i) => Take(name, "remove", i, ""))];
        }

        bool Take(string? name, string action, int i, string field)
        {
            if (IsWrong(HeaderSyntax.ProblemOfName(name) ?? ProblemOfHost(name!, action), action, i, field))
            {
                return false;
            }

            if (names.TryAdd(name!, action))
            {
                return true;
            }

            if (names[name!] == action)
            {
                site.Warn($"{stanza}.{action}[{i}]", $"{name} stands in the list already; the first one counts", DiagnosticCode.Duplicate);
            }
            else
            {
                site.Fail($"{stanza}.{action}[{i}]", $"{name} stands under {names[name!]} already, and there can be one action for a header");
            }

            return false;
        }

        string? ProblemOfHost(string name, string action) =>
            direction == HeaderDirection.Request && action != "set" && name.Equals(Host, StringComparison.OrdinalIgnoreCase)
                ? "a request has exactly one Host, which can only be set"
                : null;

        bool IsWrong(string? problem, string action, int i, string field)
        {
            if (problem is not null)
            {
                site.Fail($"{stanza}.{action}[{i}]{field}", problem);
            }

            return problem is not null;
        }

        void Limit(int count, string action)
        {
            if (count > Most)
            {
                site.Fail($"{stanza}.{action}", $"there are {count} of them, and at most {Most} can be");
            }
        }

        IEnumerable<RouteFilter> Filters(ImmutableArray<HeaderValue> set, ImmutableArray<HeaderValue> add, ImmutableArray<string> remove)
        {
            if (direction == HeaderDirection.Request
                && set.FirstOrDefault(static header => header.Name.Equals(Host, StringComparison.OrdinalIgnoreCase)) is { Name: not null } host)
            {
                if (!HostSyntax.IsAuthority(host.Value))
                {
                    site.Fail($"{stanza}.set", $"'{host.Value}' is no host");
                    yield break;
                }

                yield return new RewriteFilter(host.Value, Path: null);
                set = set.Remove(host);
            }

            if (set.Length + add.Length + remove.Length > 0)
            {
                yield return new HeaderFilter(direction, set, add, remove);
            }
        }
    }
}
