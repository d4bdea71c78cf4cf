using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace MeshSdk.Http;

/// <summary>
/// What was changed on the caller's message for sending it, so that the caller gets it back as it was: it may send it again, log it, or
/// compare its URI. A struct without allocations of its own; most requests change nothing.
/// </summary>
internal struct RequestJournal(HttpRequestMessage request)
{
    private Uri? _uri;
    private Version? _version;
    private HttpVersionPolicy _versionPolicy;
    private bool _hostSet;
    private bool _acceptEncodingSet;
    private bool _cookieSet;
    private string[]? _cookies;
    private uint _absentTraceFields;

    public void SetVersion(Version version, HttpVersionPolicy policy)
    {
        if (request.Version != version || request.VersionPolicy != policy)
        {
            (_version, _versionPolicy) = (request.Version, request.VersionPolicy);
            (request.Version, request.VersionPolicy) = (version, policy);
        }
    }

    /// <summary>Sends to another name of the same service, under the Host that the caller dialled.</summary>
    public void SetUri(Uri uri)
    {
        _uri = request.RequestUri;
        if (request.Headers.Host is null)
        {
            request.Headers.Host = _uri!.Authority;
            _hostSet = true;
        }

        request.RequestUri = uri;
    }

    /// <summary>Adds cookies to those that the caller set by hand.</summary>
    public void AddCookies(string cookies)
    {
        _cookieSet = true;
        if (request.Headers.NonValidated.TryGetValues("Cookie", out var own))
        {
            _cookies = [.. own];
            request.Headers.Remove("Cookie");
            cookies = $"{string.Join("; ", _cookies)}; {cookies}";
        }

        request.Headers.TryAddWithoutValidation("Cookie", cookies);
    }

    public void AcceptEncodings(DecompressionMethods methods)
    {
        // A caller that names encodings of its own keeps to them.
        if (!request.Headers.NonValidated.Contains("Accept-Encoding"))
        {
            _acceptEncodingSet = true;
            request.Headers.TryAddWithoutValidation("Accept-Encoding", ContentCodings.Named(methods));
        }
    }

    /// <summary>
    /// Notes which trace headers are not there yet: the HTTP stack adds them and never takes them away, so that a message which is sent twice would
    /// carry the first attempt's.
    /// </summary>
    public void WatchTraceHeaders()
    {
        var bit = 1u;
        foreach (var field in DistributedContextPropagator.Current.Fields)
        {
            if (!request.Headers.NonValidated.Contains(field))
            {
                _absentTraceFields |= bit;
            }

            bit <<= 1;
        }
    }

    public readonly void Undo()
    {
        if (_uri is not null)
        {
            request.RequestUri = _uri;
        }

        if (_hostSet)
        {
            request.Headers.Host = null;
        }

        if (_version is not null)
        {
            (request.Version, request.VersionPolicy) = (_version, _versionPolicy);
        }

        if (_cookieSet)
        {
            UndoCookies(request.Headers);
        }

        if (_acceptEncodingSet)
        {
            request.Headers.Remove("Accept-Encoding");
        }

        if (_absentTraceFields != 0)
        {
            UndoTraceHeaders(request.Headers);
        }
    }

    private readonly void UndoCookies(HttpRequestHeaders headers)
    {
        headers.Remove("Cookie");
        if (_cookies is not null)
        {
            headers.TryAddWithoutValidation("Cookie", _cookies);
        }
    }

    private readonly void UndoTraceHeaders(HttpRequestHeaders headers)
    {
        var bit = 1u;
        foreach (var field in DistributedContextPropagator.Current.Fields)
        {
            if ((_absentTraceFields & bit) != 0)
            {
                headers.Remove(field);
            }

            bit <<= 1;
        }
    }
}
