using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Timeouts and retries of a rule.</summary>
internal sealed class RuleSettings(DiagnosticList diagnostics)
{
    private const int DefaultAttempts = 2;
    private const int LowestCode = 400;
    private const int HighestCode = 599;

    public RouteTimeouts? CompileTimeouts(Resource route, HttpRouteTimeouts? timeouts, int rule)
    {
        if (timeouts is null)
        {
            return null;
        }

        var path = $"spec.rules[{rule}].timeouts";
        var result = new RouteTimeouts(
            CompileDuration(route, timeouts.Request, $"{path}.request"),
            CompileDuration(route, timeouts.BackendRequest, $"{path}.backendRequest"));
        if (result.Request > TimeSpan.Zero && result.BackendRequest > result.Request)
        {
            diagnostics.Warning(
                route, DiagnosticCode.UnsupportedValue, $"{path}.backendRequest", "a try may not take longer than the request; the request's timeout ends both");
        }

        return result;
    }

    public RouteRetry? CompileRetry(Resource route, HttpRouteRetry? retry, int rule)
    {
        if (retry is null)
        {
            return null;
        }

        var path = $"spec.rules[{rule}].retry";
        var attempts = retry.Attempts ?? DefaultAttempts;
        if (attempts < 0)
        {
            diagnostics.Error(route, DiagnosticCode.UnsupportedValue, $"{path}.attempts", $"{attempts} is no number of retries; 0 is assumed");
        }

        return new RouteRetry(
            Math.Max(0, attempts),
            CompileCodes(route, retry.Codes.OrEmpty(), path),
            CompileDuration(route, retry.Backoff, $"{path}.backoff"));
    }

    private ImmutableArray<int> CompileCodes(Resource route, ImmutableArray<int> codes, string path)
    {
        for (var i = 0; i < codes.Length; i++)
        {
            if (codes[i] is < LowestCode or > HighestCode)
            {
                diagnostics.Error(
                    route, DiagnosticCode.UnsupportedValue, $"{path}.codes[{i}]", $"{codes[i]} is left out; codes are {LowestCode} to {HighestCode}");
            }
        }

        return codes.RemoveAll(static code => code is < LowestCode or > HighestCode);
    }

    private TimeSpan? CompileDuration(Resource route, string? text, string path)
    {
        if (text is null)
        {
            return null;
        }

        if (!GatewayDuration.TryParse(text, out var value))
        {
            diagnostics.Error(route, DiagnosticCode.UnsupportedValue, path, $"'{text}' is no duration such as 1m30s or 500ms, and counts as unset");
            return null;
        }

        return value;
    }
}
