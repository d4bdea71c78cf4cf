using System.Diagnostics;
using System.Globalization;
using MeshSdk.Routing;
using MeshSdk.Telemetry;

namespace MeshSdk.Http;

/// <summary>The client span of one request, with the route and the backend that it took.</summary>
internal static class RequestSpan
{
    // Bears the name of the HTTP stack's own source, so that whoever listens to that one listens to this one.
    private static readonly ActivitySource HttpStack = new("System.Net.Http");

    public static Activity? Start(HttpRequestMessage request, RouteDecision decision)
    {
        if (!MeshTelemetry.Activities.HasListeners())
        {
            return null;
        }

        var span = MeshTelemetry.Activities.StartActivity(request.Method.Method, ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            var uri = request.RequestUri!;
            span.DisplayName = $"{request.Method.Method} {uri.Host}";
            span.SetTag("http.request.method", request.Method.Method);
            span.SetTag("server.address", uri.Host);
            span.SetTag("server.port", uri.Port);
            span.SetTag("url.full", $"{uri.Scheme}://{uri.Authority}{uri.AbsolutePath}");
            span.SetTag("mesh.route", decision.Rule?.Rule.Route?.ToString());
            span.SetTag("mesh.rule", decision.Rule?.Rule.Name ?? decision.Rule?.Rule.Index.ToString(CultureInfo.InvariantCulture));
            span.SetTag("mesh.backend", decision.Backend?.Model.Cluster.ToString());
            span.SetTag("mesh.endpoint", decision.Endpoint?.Name);
        }

        return span;
    }

    /// <summary>Hands the trace on to the server. Headers that the caller set by hand stay.</summary>
    public static void Propagate(Activity? span, HttpRequestMessage request, ClientSettings client, ref RequestJournal journal)
    {
        // Without a trace there may still be one who listens to the HTTP stack, which then begins it.
        if ((Activity.Current is null && !HttpStack.HasListeners()) || !client.Profile.Propagates)
        {
            return;
        }

        var fields = client.TraceFields ?? TraceFields.Current;
        journal.WatchTraceHeaders(fields);
        if (span is not null)
        {
            fields.Propagator.Inject(span, request, static (carrier, name, value) =>
            {
                if (carrier is HttpRequestMessage message && !message.Headers.NonValidated.Contains(name))
                {
                    message.Headers.TryAddWithoutValidation(name, value);
                }
            });
        }
    }

    /// <summary>Notes where it went in the end, which was not known when it began.</summary>
    public static void Choose(Activity? span, in RouteDecision decision, int sends)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("mesh.backend", decision.Backend?.Model.Cluster.ToString());
            span.SetTag("mesh.endpoint", decision.Endpoint?.Name);
            if (sends > 1)
            {
                span.SetTag("http.request.resend_count", sends - 1);
            }
        }
    }

    public static void Stop(Activity? span, int status, string flags)
    {
        if (span is null)
        {
            return;
        }

        if (span.IsAllDataRequested)
        {
            span.SetTag("http.response.status_code", status);
            if (flags != ResponseFlags.None)
            {
                span.SetTag("mesh.response_flags", flags);
            }

            if (status >= 400)
            {
                span.SetStatus(ActivityStatusCode.Error);
                span.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
            }
        }

        span.Dispose();
    }

    public static void Fail(Activity? span, Exception error)
    {
        if (span is null)
        {
            return;
        }

        span.SetStatus(ActivityStatusCode.Error, error.Message);
        span.SetTag("error.type", error.GetType().FullName);
        span.Dispose();
    }
}
