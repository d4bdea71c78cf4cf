using System.Globalization;
using System.Net.Http.Headers;
using MeshSdk.Model;

namespace MeshSdk.Http.Sessions;

/// <summary>Where tokens stand on requests and responses.</summary>
internal static class SessionCarriers
{
    /// <summary>What may be a token, in the order in which the caller wrote it.</summary>
    /// <param name="cookies">The caller's own Cookie headers.</param>
    public static IEnumerable<string> Read(SessionPersistence session, HttpRequestHeaders headers, IEnumerable<string> cookies) =>
        session.Carrier == SessionCarrier.Cookie ? Cookies(session.Name, cookies) : Values(session.Name, headers);

    /// <summary>Gives the client a new token.</summary>
    public static void Write(SessionPersistence session, string token, HttpResponseHeaders headers)
    {
        if (session.Carrier == SessionCarrier.Header)
        {
            headers.Remove(session.Name);
            headers.TryAddWithoutValidation(session.Name, token);
            return;
        }

        // A browser that is shown a session that lasts no full second would take 0 for an order to forget the cookie.
        var maxAge = session is { IsPermanent: true, AbsoluteTimeout: { } timeout }
            ? string.Create(CultureInfo.InvariantCulture, $"; Max-Age={Math.Max(1, (long)timeout.TotalSeconds)}")
            : "";
        headers.TryAddWithoutValidation("Set-Cookie", $"{session.Name}={token}; Path={session.CookiePath}{maxAge}; HttpOnly");
    }

    private static IEnumerable<string> Values(string name, HttpRequestHeaders headers) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.SelectMany(static value => value.Split(',', StringSplitOptions.TrimEntries)) : [];

    // Of several cookies with one name, which differ in their paths, any may be the one.
    private static IEnumerable<string> Cookies(string name, IEnumerable<string> cookies)
    {
        foreach (var cookie in cookies.SelectMany(static header => header.Split(';', StringSplitOptions.TrimEntries)))
        {
            var equals = cookie.IndexOf('=');
            if (equals == name.Length && cookie.StartsWith(name, StringComparison.Ordinal))
            {
                yield return cookie[(equals + 1)..].Trim('"');
            }
        }
    }
}
