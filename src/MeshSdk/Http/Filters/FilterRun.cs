using System.Collections.Immutable;
using System.Net;
using MeshSdk.Http.Mirroring;
using MeshSdk.Model;
using MeshSdk.Routing;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Http.Filters;

/// <summary>
/// Carries out the filters of one call, on its request in the order written and on the backend's response in reverse. A filter that answers ends the
/// list. Not for two threads at once.
/// </summary>
internal sealed partial class FilterRun(HttpRequestMessage request, MessageBackup backup, ILogger log, Func<BoundFilter, MirrorCall?>? mirror = null)
    : IDisposable
{
    // What the rule was found by, before any filter.
    private readonly string _matched = request.RequestUri!.PathAndQuery;

    // There are two lists at most: the rule's, and then that of the backend.
    private ImmutableArray<BoundFilter> _listBefore = [];
    private List<SharedFilter>? _entered;
    private List<MirrorCall>? _mirrors;

    /// <summary>What is to be mirrored, as it was at each mirror's place in the order of filters; null for nothing.</summary>
    public IReadOnlyList<MirrorCall>? Mirrors => _mirrors;

    /// <returns>An answer in the place of a backend's; null lets the request go on.</returns>
    /// <exception cref="RuleGoneException">A filter has been let go of, because no rule names it any more.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async ValueTask<HttpResponseMessage?> OnRequestAsync(ImmutableArray<BoundFilter> filters, CancellationToken cancellationToken)
    {
        foreach (var filter in filters)
        {
            switch (filter.Model)
            {
                case HeaderFilter { Direction: HeaderDirection.Request } headers:
                    HeaderChanges.Apply(headers, request, backup);
                    break;

                case RewriteFilter rewrite:
                    Rewrite(rewrite);
                    break;

                case RedirectFilter redirect:
                    return Redirect(redirect, filters);

                case MirrorFilter when mirror?.Invoke(filter) is { } copy:
                    (_mirrors ??= []).Add(copy);
                    break;

                case CorsFilter cors when Cors.IsPreflight(request):
                    return Cors.Answer(cors, request);

                case ExtensionFilter extension when await AskAsync(extension, cancellationToken).ConfigureAwait(false) is { } answer:
                    return answer;

                default:
                    break;
            }
        }

        _listBefore = filters;
        return null;
    }

    /// <returns>The response, or what takes its place; it is disposed of then.</returns>
    /// <exception cref="OperationCanceledException">The caller has gone; the response is disposed of.</exception>
    public async ValueTask<HttpResponseMessage> OnResponseAsync(
        ImmutableArray<BoundFilter> filters, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        for (var i = filters.Length - 1; i >= 0; i--)
        {
            if (filters[i].Model is not ExtensionFilter extension)
            {
                Finish(filters[i].Model, response);
            }
            else if (await ShowAsync(extension, response, cancellationToken).ConfigureAwait(false) is { } failure)
            {
                return failure;
            }
        }

        return response;
    }

    /// <summary>Lets the filters of the application go that the call has used.</summary>
    public void Dispose()
    {
        foreach (var filter in _entered ?? [])
        {
            filter.Exit();
        }

        _entered = null;
    }

    private void Rewrite(RewriteFilter rewrite)
    {
        if (rewrite.Host is { } host)
        {
            backup.Keep("Host");
            request.Headers.Host = host;
        }

        if (rewrite.Path is { } path)
        {
            var uri = request.RequestUri!;
            request.RequestUri = PathRewriting.With(uri, PathRewriting.Apply(path, _matched, uri.PathAndQuery));
        }
    }

    private HttpResponseMessage Redirect(RedirectFilter redirect, ImmutableArray<BoundFilter> filters)
    {
        var response = LocalReply.Create((HttpStatusCode)redirect.Status);
        var location = LocationBuilder.Build(redirect, request.RequestUri!, request.Headers.Host, _matched);
        response.Headers.TryAddWithoutValidation("Location", location);

        // It bears the headers that the lists give to responses, wherever in its list it stands, as proxies have it. Filters of the application do not see
        // it: no backend has answered.
        Finish(filters, response);
        Finish(_listBefore, response);
        return response;
    }

    private void Finish(ImmutableArray<BoundFilter> filters, HttpResponseMessage redirect)
    {
        for (var i = filters.Length - 1; i >= 0; i--)
        {
            Finish(filters[i].Model, redirect);
        }
    }

    private void Finish(RouteFilter filter, HttpResponseMessage response)
    {
        switch (filter)
        {
            case HeaderFilter { Direction: HeaderDirection.Response } headers:
                HeaderChanges.Apply(headers, response);
                break;

            case CorsFilter cors:
                Cors.Decorate(cors, request, response);
                break;

            default:
                break;
        }
    }
}
