using MeshSdk.Clusters;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Transport;

namespace MeshSdk.Http.Sessions;

/// <summary>The session that one request is part of: leads it to the endpoint that the session is on, and tells the client of a new one.</summary>
/// <remarks>
/// A client is in charge of its place: nothing is remembered here, for one HttpClient may serve all users of an application, and would otherwise keep
/// all of them on one endpoint. So what counts is the caller's own cookie or header, not what the client's cookie container adds, and new cookies do
/// not get into that container. Who wants calls to remember says so with a <see cref="MeshSession"/>.
/// </remarks>
internal sealed class SessionCall
{
    private readonly BoundRule _rule;
    private readonly SessionTokens _tokens;
    private readonly MeshSession? _jar;

    // As the caller wrote them; filters may change the message before a backend is chosen.
    private readonly List<(SessionPersistence Session, string Token)> _presented = [];
    private BoundBackend? _backend;
    private EndpointState? _endpoint;

    private SessionCall(BoundRule rule, HttpRequestMessage request, IEnumerable<string> cookies, SessionTokens tokens, MeshSession? jar)
    {
        _rule = rule;
        _tokens = tokens;
        _jar = request.Options.TryGetValue(MeshSession.Key, out var own) && own is not null ? own : jar;
        foreach (var session in rule.Sessions)
        {
            _presented.AddRange(SessionCarriers.Read(session, request.Headers, cookies).Select(token => (session, token)));
        }

        if (_jar?.Find(rule.SessionScope) is { } kept)
        {
            _presented.AddRange(rule.Sessions.Select(session => (session, kept)));
        }
    }

    /// <summary>Null where the rule knows no sessions.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="request">The request.</param>
    /// <param name="journal">What was done to the request already.</param>
    /// <param name="tokens">Writes and reads tokens.</param>
    /// <param name="jar">What remembers the session where the request itself names nothing that does; null for nothing.</param>
    public static SessionCall? Of(BoundRule rule, HttpRequestMessage request, in RequestJournal journal, SessionTokens tokens, MeshSession? jar = null) =>
        rule.Sessions.IsEmpty ? null : new SessionCall(rule, request, journal.CallersCookies(), tokens, jar);

    /// <summary>
    /// The endpoint that the session is on, whatever its backend weighs now; null where there is no session, or its endpoint takes no requests or was tried.
    /// </summary>
    /// <param name="frontend">What was called.</param>
    /// <param name="tried">Where attempts of the same call were sent to already; null for nowhere.</param>
    public RouteDecision? Resume(Frontend frontend, IReadOnlyList<EndpointState>? tried = null)
    {
        foreach (var (session, text) in _presented)
        {
            if (!_tokens.TryRead(text, _rule.SessionScope, session.AbsoluteTimeout, out var token)
                || (tried is { Count: > 0 } && tried.Any(endpoint => _tokens.Identify(endpoint.Cluster, endpoint.Model) == token.Endpoint)))
            {
                continue;
            }

            foreach (var backend in InOrderFor(token))
            {
                if (_rule.SessionOf(backend) == session
                    && backend.Cluster is { } cluster && cluster.TryAcquire(token.Endpoint, _tokens.Identify, out var lease, out var model) is var outcome
                    && outcome != PickOutcome.NoEndpoint)
                {
                    (_backend, _endpoint) = (backend, lease?.Endpoint);
                    return RouteDecision.Of(outcome, frontend, backend, lease, model);
                }
            }
        }

        return null;
    }

    /// <summary>Notes where the request was served in the end, and tells the client unless it knows.</summary>
    public void Complete(HttpResponseMessage response, in RouteDecision decision)
    {
        if (decision is not { Endpoint: { } endpoint, Backend: { } backend }
            || _rule.SessionOf(backend) is not { } session
            || (endpoint == _endpoint && backend == _backend))
        {
            return;
        }

        var token = _tokens.Issue(_rule.SessionScope, _rule.Backends.IndexOf(backend), _tokens.Identify(endpoint.Cluster, endpoint.Model));
        SessionCarriers.Write(session, token, response.Headers);
        _jar?.Remember(_rule.SessionScope, token);
    }

    // The one that the token names first: others may lead to the same cluster, with other filters.
    private IEnumerable<BoundBackend> InOrderFor(SessionToken token) =>
        token.Backend < _rule.Backends.Length
            ? _rule.Backends.Where((_, i) => i != token.Backend).Prepend(_rule.Backends[token.Backend])
            : _rule.Backends;
}
