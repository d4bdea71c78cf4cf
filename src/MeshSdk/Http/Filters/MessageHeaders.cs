using System.Net.Http.Headers;

namespace MeshSdk.Http.Filters;

/// <summary>
/// The headers of a message as one collection, which is what routes mean by them. .NET divides them into those of the message and those of its
/// content, and refuses each in the other's place.
/// </summary>
internal readonly struct MessageHeaders(HttpHeaders message, HttpHeaders? content)
{
    /// <summary>False where the header belongs to the content and there is none.</summary>
    public bool Set(string name, string value)
    {
        Remove(name);
        return message.TryAddWithoutValidation(name, value) || content?.TryAddWithoutValidation(name, value) == true;
    }

    /// <summary>
    /// Appends to the values that are there, all of them as one: HttpClient would write several ones with a space after the comma, where a proxy writes
    /// none, and servers do compare.
    /// </summary>
    public bool Add(string name, string value) => Set(name, ValueOf(name) is { } present ? $"{present}{SeparatorOf(name)}{value}" : value);

    public void Remove(string name)
    {
        Remove(message, name);
        if (content is not null)
        {
            Remove(content, name);
        }
    }

    /// <summary>The header's value, several ones joined to one; null where there is none.</summary>
    public string? ValueOf(string name) => ValueOf(message, name) ?? (content is null ? null : ValueOf(content, name));

    // To remove a header from where it can never be would throw.
    private static void Remove(HttpHeaders headers, string name)
    {
        if (headers.NonValidated.Contains(name))
        {
            headers.Remove(name);
        }
    }

    private static string? ValueOf(HttpHeaders headers, string name) =>
        !headers.NonValidated.TryGetValues(name, out var values) ? null
        : values.Count == 1 ? values.ToString()
        : string.Join(SeparatorOf(name), (IEnumerable<string>)values);

    // These two are not lists that commas divide.
    private static string SeparatorOf(string name) =>
        name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? "; "
        : name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase) ? " "
        : ",";
}
