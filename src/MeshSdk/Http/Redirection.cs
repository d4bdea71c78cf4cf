using System.Net;
using MeshSdk.Routing;

namespace MeshSdk.Http;

/// <summary>
/// The next hop of a redirected request, by HttpClient's own rules. It is a message of its own, so that the caller's stays as it was, and it starts
/// from the caller's headers: what routes did on the way here does not travel.
/// </summary>
internal static class Redirection
{
    /// <returns>Null where the response is no redirect, or not one to follow.</returns>
    public static HttpRequestMessage? Next(HttpRequestMessage request, HttpResponseMessage response)
    {
        // A gRPC call goes where its channel points.
        if (GrpcCall.Is(request) || Target(request, response) is not { } target || (request.RequestUri!.Scheme is "https" && target.Scheme is not "https"))
        {
            return null;
        }

        var becomesGet = BecomesGet(request.Method, response.StatusCode);
        var next = new HttpRequestMessage(becomesGet ? HttpMethod.Get : request.Method, target)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
            Content = becomesGet ? null : request.Content,
        };
        var sameHost = string.Equals(target.IdnHost, request.RequestUri.IdnHost, StringComparison.Ordinal) && target.Port == request.RequestUri.Port;
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (Travels(name, sameHost, becomesGet))
            {
                next.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
            }
        }

        foreach (var (name, value) in (IEnumerable<KeyValuePair<string, object?>>)request.Options)
        {
            ((IDictionary<string, object?>)next.Options)[name] = value;
        }

        return next;
    }

    private static bool Travels(string header, bool sameHost, bool becomesGet) => header.ToLowerInvariant() switch
    {
        "authorization" => false,
        "cookie" or "host" => sameHost,
        "transfer-encoding" or "expect" => !becomesGet,
        _ => true,
    };

    private static Uri? Target(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.MultipleChoices or HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || response.Headers.Location is not { } location)
        {
            return null;
        }

        var target = location.IsAbsoluteUri ? location : new Uri(request.RequestUri!, location);
        if (target.Scheme is not ("http" or "https"))
        {
            return null;
        }

        // RFC 9110, 10.2.2: a fragment is inherited where the new location has none.
        return request.RequestUri!.Fragment is { Length: > 0 } fragment && target.Fragment.Length == 0
            ? new UriBuilder(target) { Fragment = fragment }.Uri
            : target;
    }

    private static bool BecomesGet(HttpMethod method, HttpStatusCode status) => status switch
    {
        HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.MultipleChoices => method == HttpMethod.Post,
        HttpStatusCode.SeeOther => method != HttpMethod.Get && method != HttpMethod.Head,
        _ => false,
    };
}
