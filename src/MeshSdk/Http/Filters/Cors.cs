using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Http.Filters;

/// <summary>
/// What browsers ask and are told about the origins that may use a response. Only a caller that hands a browser's requests on has an Origin; all others
/// notice nothing.
/// </summary>
internal static class Cors
{
    private const string Origin = "Origin";
    private const string RequestMethod = "Access-Control-Request-Method";
    private const string RequestHeaders = "Access-Control-Request-Headers";
    private const string AllowOrigin = "Access-Control-Allow-Origin";
    private const string AllowCredentials = "Access-Control-Allow-Credentials";

    /// <summary>Whether a browser asks leave for a request that it has not sent yet.</summary>
    public static bool IsPreflight(HttpRequestMessage request) =>
        request.Method == HttpMethod.Options && ValueOf(request, Origin) is not null && ValueOf(request, RequestMethod) is not null;

    /// <summary>The answer to a preflight. One that allows nothing is no error: the browser draws its conclusion.</summary>
    public static HttpResponseMessage Answer(CorsFilter filter, HttpRequestMessage request)
    {
        var response = LocalReply.Create(HttpStatusCode.NoContent);
        var headers = HeaderChanges.HeadersOf(response);
        if (Allow(filter, request, headers))
        {
            Tell(headers, "Access-Control-Allow-Methods", filter.AllowMethods, filter.AllowCredentials, ValueOf(request, RequestMethod));
            Tell(headers, "Access-Control-Allow-Headers", filter.AllowHeaders, filter.AllowCredentials, ValueOf(request, RequestHeaders));
            headers.Set("Access-Control-Max-Age", ((long)filter.MaxAge.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        }

        return response;
    }

    /// <summary>Tells of a response to any other request who may use it, in the place of what the backend says of that.</summary>
    public static void Decorate(CorsFilter filter, HttpRequestMessage request, HttpResponseMessage response)
    {
        var headers = HeaderChanges.HeadersOf(response);
        if (ValueOf(request, Origin) is not null && Allow(filter, request, headers))
        {
            var present = filter is { AllowCredentials: true, ExposeHeaders: [_, ..] }
                ? string.Join(", ", response.Headers.NonValidated.Select(static header => header.Key))
                : null;
            Tell(headers, "Access-Control-Expose-Headers", filter.ExposeHeaders, filter.AllowCredentials, present);
        }
    }

    private static bool Allow(CorsFilter filter, HttpRequestMessage request, MessageHeaders headers)
    {
        var all = !filter.AllowCredentials && filter.AllowOrigins.Contains(CorsOrigin.Any);
        if (!all)
        {
            // The answer depends on who asks, which caches have to know.
            AddVary(headers);
        }

        var origin = ValueOf(request, Origin)!;
        if (!all && !filter.AllowOrigins.Any(allowed => allowed.Matches(origin)))
        {
            return false;
        }

        headers.Set(AllowOrigin, all ? CorsFilter.All : origin);
        if (filter.AllowCredentials)
        {
            headers.Set(AllowCredentials, "true");
        }

        return true;
    }

    private static void AddVary(MessageHeaders headers)
    {
        if (headers.ValueOf("Vary") is not { } vary
            || !vary.Split(',').Any(static name => name.AsSpan().Trim() is "*" || name.AsSpan().Trim().Equals(Origin, StringComparison.OrdinalIgnoreCase)))
        {
            headers.Add("Vary", Origin);
        }
    }

    /// <param name="headers">Where it is told.</param>
    /// <param name="name">The header that tells it.</param>
    /// <param name="allowed">What may be.</param>
    /// <param name="credentials">With them <c>*</c> has no meaning to browsers, so that what is meant has to be named.</param>
    /// <param name="meant">What <c>*</c> then comes to.</param>
    private static void Tell(MessageHeaders headers, string name, ImmutableArray<string> allowed, bool credentials, string? meant)
    {
        var value = !allowed.Contains(CorsFilter.All) ? string.Join(", ", allowed) : credentials ? meant : CorsFilter.All;
        if (!string.IsNullOrEmpty(value))
        {
            headers.Set(name, value);
        }
    }

    private static string? ValueOf(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
