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
    private bool _schemeSet;
    private bool _acceptEncodingSet;
    private bool _cookieSet;
    private string[]? _cookies;
    private bool _authorizationWatched;
    private string[]? _authorization;
    private TraceFields? _traceFields;
    private uint _absentTraceFields;
    private int _headers;
    private MessageBackup? _backup;

    /// <summary>For filters, which may change anything. They come before all else that is noted here but cookies and codings.</summary>
    public MessageBackup Backup => _backup ??= new MessageBackup(request);

    public void SetVersion(Version version, HttpVersionPolicy policy)
    {
        if (request.Version != version || request.VersionPolicy != policy)
        {
            (_version, _versionPolicy) = (request.Version, request.VersionPolicy);
            (request.Version, request.VersionPolicy) = (version, policy);
        }
    }

    /// <summary>Sends to another name of the same service, or by another scheme.</summary>
    /// <param name="uri">Where to.</param>
    /// <param name="host">The Host that the caller dialled, where it cannot be seen from the URI any more; what the caller has set itself comes first.</param>
    public void SetUri(Uri uri, string? host)
    {
        _uri = request.RequestUri;
        if (host is not null && request.Headers.Host is null)
        {
            request.Headers.Host = host;
            _hostSet = true;
        }

        request.RequestUri = uri;
    }

    /// <summary>Says by which scheme the application has called, unless it has said so itself.</summary>
    public void ForwardScheme()
    {
        if (!ForwardedHeaders.Has(request, ForwardedHeaders.Scheme))
        {
            request.Headers.TryAddWithoutValidation(ForwardedHeaders.Scheme, ForwardedHeaders.SchemeOf(request.RequestUri!));
            _schemeSet = true;
        }
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

    /// <summary>The Cookie headers that the caller set by hand.</summary>
    public readonly IEnumerable<string> CallersCookies() =>
        _cookieSet ? _cookies ?? []
        : request.Headers.NonValidated.TryGetValues("Cookie", out var own) ? own
        : [];

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
    public void WatchTraceHeaders(TraceFields fields)
    {
        _traceFields = fields;
        var headers = request.Headers.NonValidated;
        _headers = headers.Count;
        if (_headers == 0)
        {
            _absentTraceFields = uint.MaxValue;
            return;
        }

        var bit = 1u;
        foreach (var field in fields.Names)
        {
            if (!headers.Contains(field))
            {
                _absentTraceFields |= bit;
            }

            bit <<= 1;
        }
    }

    /// <summary>Notes the caller's Authorization: where a challenge is met, the HTTP stack puts its answer there and leaves it.</summary>
    public void WatchAuthorization()
    {
        _authorizationWatched = true;
        _authorization = request.Headers.NonValidated.TryGetValues("Authorization", out var own) ? [.. own] : null;
    }

    public readonly void Undo()
    {
        try
        {
            _backup?.Restore();
        }
        catch (ObjectDisposedException)
        {
            // See below.
        }

        UndoHeaders();
        try
        {
            if (_uri is not null)
            {
                request.RequestUri = _uri;
            }

            if (_version is not null)
            {
                (request.Version, request.VersionPolicy) = (_version, _versionPolicy);
            }
        }
        catch (ObjectDisposedException)
        {
            // The caller disposed of the message while it was being sent, and will not look at it again.
        }
    }

    private readonly void UndoHeaders()
    {
        if (_absentTraceFields != 0 && request.Headers.NonValidated.Count != _headers)
        {
            UndoTraceHeaders(request.Headers);
        }

        if (_hostSet)
        {
            request.Headers.Host = null;
        }

        if (_schemeSet)
        {
            request.Headers.Remove(ForwardedHeaders.Scheme);
        }

        if (_authorizationWatched)
        {
            UndoAuthorization(request.Headers);
        }

        if (_cookieSet)
        {
            UndoCookies(request.Headers);
        }

        if (_acceptEncodingSet)
        {
            request.Headers.Remove("Accept-Encoding");
        }
    }

    private readonly void UndoAuthorization(HttpRequestHeaders headers)
    {
        headers.Remove("Authorization");
        if (_authorization is not null)
        {
            headers.TryAddWithoutValidation("Authorization", _authorization);
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
        foreach (var field in _traceFields!.Names)
        {
            if ((_absentTraceFields & bit) != 0)
            {
                headers.Remove(field);
            }

            bit <<= 1;
        }
    }
}
