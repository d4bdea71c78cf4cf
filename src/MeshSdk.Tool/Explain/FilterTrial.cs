using System.Collections.Immutable;
using MeshSdk.Http;
using MeshSdk.Http.Filters;
using MeshSdk.Model;
using MeshSdk.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Tool.Explain;

/// <summary>Carries filters out on a request that is never sent, by the code that the data plane uses.</summary>
internal sealed class FilterTrial : IDisposable
{
    private readonly MeshRequest _request;
    private readonly HttpRequestMessage _message;
    private readonly FilterRun _run;

    public FilterTrial(MeshRequest request)
    {
        _request = request;
        _message = request.ToMessage();
        _run = new FilterRun(_message, new MessageBackup(_message), NullLogger.Instance);
    }

    /// <summary>Set where a filter answers in the place of a backend.</summary>
    public int? Status { get; private set; }

    /// <summary>Set where that is a redirect.</summary>
    public string? Location { get; private set; }

    public ExplainedRequest Request
    {
        get
        {
            var (host, path, query, headers) = Sent;
            return new ExplainedRequest(_message.Method.Method, host, path, query, headers);
        }
    }

    /// <summary>The same for one backend.</summary>
    public ExplainedBackendRequest Sent
    {
        get
        {
            var target = _message.RequestUri!.PathAndQuery;
            var question = target.IndexOf('?', StringComparison.Ordinal);
            return new ExplainedBackendRequest(
                _message.Headers.Host ?? _request.Host,
                question < 0 ? target : target[..question],
                question < 0 ? "" : target[(question + 1)..],
                HeaderMap.Of(Headers()));
        }
    }

    /// <summary>Carries out one more list, unless a filter before it has answered.</summary>
    public FilterTrial Apply(ImmutableArray<RouteFilter> filters)
    {
        if (Status is null)
        {
            // Nothing in it waits: only an application has filters of its own, and no manifest can bring one here.
            using var answer = _run.OnRequestAsync(BoundFilter.Bind(filters, static _ => null!), CancellationToken.None).AsTask().GetAwaiter().GetResult();
            Status = (int?)answer?.StatusCode;
            Location = answer is not null && answer.Headers.NonValidated.TryGetValues("Location", out var location) ? location.ToString() : null;
        }

        return this;
    }

    public void Dispose()
    {
        _run.Dispose();
        _message.Dispose();
    }

    /// <summary>The caller's in the order given, then those that filters made: not those that a gRPC client adds to any call.</summary>
    private IEnumerable<KeyValuePair<string, string>> Headers()
    {
        var order = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in _request.Headers)
        {
            order.TryAdd(header.Key, order.Count);
        }

        return from header in _message.Headers.NonValidated.Concat(_message.Content?.Headers.NonValidated ?? default)
               where !header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase)
               orderby order.GetValueOrDefault(header.Key, int.MaxValue)
               from value in header.Value
               where !_request.IsAddedByClient(header.Key, value)
               select KeyValuePair.Create(header.Key, value);
    }
}
