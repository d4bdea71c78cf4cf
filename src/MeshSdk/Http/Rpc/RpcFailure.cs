using System.Globalization;
using System.Net.Http.Headers;
using MeshSdk.Http.Timeouts;
using MeshSdk.Routing;

namespace MeshSdk.Http.Rpc;

/// <summary>How a gRPC call ends that the mesh ends: with a status, a sentence that says all that is known, and the same in a form that programs read.</summary>
internal static class RpcFailure
{
    private const int DeadlineExceeded = 4;
    private const int Unavailable = 14;

    /// <summary>Writes it where gRPC looks for it: into the headers of a reply that consists of nothing else, or into the trailers of one that has begun.</summary>
    public static void Write(HttpHeaders fields, int status, string reason, MeshCallInfo call)
    {
        Write(fields, status, Sentence(reason, call));
        Note(fields, call);
    }

    /// <inheritdoc cref="Write(HttpHeaders, int, string, MeshCallInfo)"/>
    public static void Write(HttpHeaders fields, int status, string sentence)
    {
        fields.Remove(GrpcCall.StatusHeader);
        fields.Remove(GrpcCall.MessageHeader);
        fields.TryAddWithoutValidation(GrpcCall.StatusHeader, status.ToString(CultureInfo.InvariantCulture));
        fields.TryAddWithoutValidation(GrpcCall.MessageHeader, GrpcMessage.Encode(sentence));
    }

    /// <summary>
    /// Takes away what a server has no business to say: what a mesh has done for a call. A server that hands a failure of its own on to its callers says that of
    /// the call that it has made itself; where no retry was to follow that call, this came with it, and is not meant for the callers either.
    /// </summary>
    public static void Receive(HttpHeaders fields)
    {
        if (fields.Remove(MeshCallEntry.Name) && fields.NonValidated.TryGetValues(RetryPushback.Header, out var pushback) && pushback.ToString() is ['-', ..])
        {
            fields.Remove(RetryPushback.Header);
        }
    }

    /// <summary>Says of a response to a gRPC call what the mesh did for it, where a channel is going to look if it takes the response for a failure.</summary>
    public static void Note(HttpResponseMessage response, MeshCallInfo call)
    {
        var hasStatus = GrpcCall.HasFailed(response.Headers);
        if (hasStatus || (int)response.StatusCode != 200)
        {
            Note(response.Headers, call);
        }

        // An error of HTTP, which channels have a status for: what they give their callers then are the trailers, which do not come.
        if (!hasStatus && (int)response.StatusCode != 200)
        {
            Note(response.TrailingHeaders, call);
        }
    }

    /// <summary>Says of a call that has failed what the mesh did for it. What a server has sent under that name goes: it is for the mesh to say.</summary>
    public static void Note(HttpHeaders fields, MeshCallInfo call)
    {
        Receive(fields);
        fields.TryAddWithoutValidation(MeshCallEntry.Name, MeshCallEntry.Format(call));
    }

    /// <summary>The reason, and in parentheses what it does not name: the route, how often the call was sent, the flags.</summary>
    public static string Sentence(string reason, MeshCallInfo call)
    {
        var route = call.Route is null ? null : string.Create(CultureInfo.InvariantCulture, $"{call.Route} rule {call.Rule}");
        List<string> known = [];
        if (route is not null && !reason.Contains(route, StringComparison.Ordinal))
        {
            known.Add(route);
        }

        if (call.Attempts > 1)
        {
            known.Add(string.Create(CultureInfo.InvariantCulture, $"{call.Attempts} attempts"));
        }

        if (call.Flags != Telemetry.ResponseFlags.None)
        {
            known.Add(call.Flags);
        }

        return known.Count == 0 ? reason : $"{reason} ({string.Join(", ", known)})";
    }

    /// <summary>
    /// The status of a call whose response could not be read to its end. Null where the channel knows better: where the caller has gone, and where the peer gave
    /// up the stream with a code, which gRPC has a status for.
    /// </summary>
    public static int? StatusOf(Exception error)
    {
        if (error is RouteTimeoutException)
        {
            return DeadlineExceeded;
        }

        if (FailureKind.OfBody(error) is null)
        {
            return null;
        }

        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException { ErrorCode: not 0 })
            {
                return null;
            }
        }

        return Unavailable;
    }

    /// <summary>The same in words.</summary>
    public static string ReasonOf(Exception error, MeshCallInfo call) => error is RouteTimeoutException
        ? error.Message
        : $"{call.Endpoint} of {call.Backend} ended the connection before its response was over: {error.GetBaseException().Message}";
}
