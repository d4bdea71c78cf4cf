using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Tool.Explain;

/// <summary>What several filters, one after the other, come to for the headers of a response that is not known.</summary>
internal static class ResponseHeaders
{
    private enum Action
    {
        Set,
        Add,
        Remove,
    }

    /// <param name="lists">In the order in which they see the response; within one, the last filter is the first.</param>
    public static ExplainedHeaderChange Of(params ReadOnlySpan<ImmutableArray<RouteFilter>> lists)
    {
        var headers = new OrderedDictionary<string, (Action Action, string Value)>(StringComparer.Ordinal);
        foreach (var list in lists)
        {
            foreach (var filter in list.Reverse().OfType<HeaderFilter>().Where(static filter => filter.Direction == HeaderDirection.Response))
            {
                foreach (var (name, value) in filter.Set)
                {
                    headers[name.ToLowerInvariant()] = (Action.Set, value);
                }

                foreach (var (name, value) in filter.Add)
                {
                    Add(headers, name.ToLowerInvariant(), value);
                }

                foreach (var name in filter.Remove)
                {
                    headers[name.ToLowerInvariant()] = (Action.Remove, "");
                }
            }
        }

        return headers.Count == 0 ? ExplainedHeaderChange.None : new ExplainedHeaderChange(
            Values(headers, Action.Set), Values(headers, Action.Add), [.. headers.Where(static h => h.Value.Action == Action.Remove).Select(static h => h.Key)]);
    }

    private static void Add(OrderedDictionary<string, (Action Action, string Value)> headers, string name, string value) =>
        headers[name] = !headers.TryGetValue(name, out var before) ? (Action.Add, value)
            : before.Action == Action.Remove ? (Action.Set, value)
            : (before.Action, $"{before.Value},{value}");

    private static OrderedDictionary<string, string> Values(OrderedDictionary<string, (Action Action, string Value)> headers, Action action)
    {
        var values = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, change) in headers)
        {
            if (change.Action == action)
            {
                values.Add(name, change.Value);
            }
        }

        return values;
    }
}
