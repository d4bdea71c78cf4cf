using System.Net;

namespace MeshSdk.Http;

/// <summary>The headers that a client's own handler would add and read: cookies and content codings.</summary>
internal static class ClientHeaders
{
    public static void Send(ClientSettings client, HttpRequestMessage request, ref RequestJournal journal)
    {
        if (client.Cookies is { Count: > 0 } cookies && cookies.GetCookieHeader(request.RequestUri!) is { Length: > 0 } header)
        {
            journal.AddCookies(header);
        }

        if (client.Decompression != DecompressionMethods.None)
        {
            journal.AcceptEncodings(client.Decompression);
        }
    }

    public static void Receive(ClientSettings client, Uri uri, HttpResponseMessage response)
    {
        if (client.Cookies is { } cookies && response.Headers.NonValidated.TryGetValues("Set-Cookie", out var values))
        {
            foreach (var value in values)
            {
                Keep(cookies, uri, value);
            }
        }

        if (client.Decompression != DecompressionMethods.None)
        {
            ContentCodings.Decode(response, client.Decompression);
        }
    }

    private static void Keep(CookieContainer cookies, Uri uri, string value)
    {
        try
        {
            cookies.SetCookies(uri, value);
        }
        catch (CookieException)
        {
            // A cookie that cannot be read is ignored, as HttpClient does.
        }
    }
}
