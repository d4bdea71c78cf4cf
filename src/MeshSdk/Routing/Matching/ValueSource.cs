using MeshSdk.Model;

namespace MeshSdk.Routing.Matching;

/// <summary>Where a request's value comes from: a header, whose name is kept in capitals here, or a query parameter.</summary>
internal readonly record struct ValueSource(bool IsHeader, string Name)
{
    /// <summary>The values that a match asks for as they are.</summary>
    public static IEnumerable<(ValueSource Source, string Value)> ExactValues(RouteMatch match) =>
        match.Headers.Where(static header => header.Pattern is null)
            .Select(static header => (new ValueSource(true, header.Name.ToUpperInvariant()), header.Value))
            .Concat(match.Query.Where(static parameter => parameter.Pattern is null)
                .Select(static parameter => (new ValueSource(false, parameter.Name), parameter.Value)));
}
