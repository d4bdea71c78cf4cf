using System.Globalization;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Describe;

/// <summary>Who the caller is to its peers, where calls to the service depend on it.</summary>
internal static class CallerText
{
    public static void Write(IndentedText text, ServiceDescription description)
    {
        var endpoints = description.Ports.SelectMany(static port => port.Routes.Concat(port.GrpcRoutes)
            .SelectMany(static route => route.Rules)
            .SelectMany(static rule => rule.Backends)
            .Select(static backend => backend.Endpoints)
            .Append(port.Endpoints));
        if (description.Caller is not { } caller || !endpoints.Any(static behind => behind.Items.Any(static endpoint => endpoint.Tls == "istio")))
        {
            return;
        }

        text.Line($"Caller's identity: {caller.SpiffeId ?? "none"}");
        using (text.Indent())
        {
            if (caller.Source is { } source)
            {
                text.Line($"From {source}");
            }

            if (caller.NotAfter is { } end)
            {
                text.Line(string.Create(CultureInfo.InvariantCulture, $"Valid until {end.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
            }

            foreach (var trust in caller.Authorities)
            {
                text.Line($"Believes {trust.Certificates} {(trust.Certificates == 1 ? "authority" : "authorities")} of {trust.TrustDomain ?? "its own trust domain"}");
            }

            if (caller.Problem is { } problem)
            {
                text.Line($"{(caller.Source is null ? "" : "WARNING: ")}{problem}");
            }
        }
    }
}
