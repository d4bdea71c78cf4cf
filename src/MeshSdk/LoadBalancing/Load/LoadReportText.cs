using System.Globalization;
using System.Text;
using System.Text.Json;
using MeshSdk.Model;

namespace MeshSdk.LoadBalancing.Load;

/// <summary>
/// Reads reports that services without protobuf write: <c>cpu_utilization=0.3, rps_fractional=12, named_metrics.queue=0.7</c>, or the message as JSON. As in
/// Envoy, a name that there is none of, or that comes twice, costs the whole report in the first form.
/// </summary>
internal static class LoadReportText
{
    /// <returns>False for what is no report; it must not be used then.</returns>
    public static bool TryReadPairs(ReadOnlySpan<char> text, ref LoadReport report)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var range in text.Split(','))
        {
            var pair = text[range].Trim();
            var at = pair.IndexOfAny('=', ':');
            if (at <= 0 || !TryNumber(pair[(at + 1)..].Trim(), out var value))
            {
                return false;
            }

            var name = pair[..at].TrimEnd().ToString();
            if (!names.Add(name) || !double.IsFinite(value) || !TrySet(ref report, name, value))
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>False for what is no report; it must not be used then.</returns>
    public static bool TryReadJson(string text, ref LoadReport report)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (!TryRead(field, ref report))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or text in it that is no text.
            return false;
        }
    }

    // Protobuf writes names in both ways. Fields that are not looked at are no concern here.
    private static bool TryRead(JsonProperty field, ref LoadReport report) => field.Name switch
    {
        "cpuUtilization" or "cpu_utilization" => TryNumber(field.Value, out var value) && TrySet(ref report, "cpu_utilization", value),
        "memUtilization" or "mem_utilization" => TryNumber(field.Value, out var value) && TrySet(ref report, "mem_utilization", value),
        "applicationUtilization" or "application_utilization" =>
            TryNumber(field.Value, out var value) && TrySet(ref report, "application_utilization", value),
        "rpsFractional" or "rps_fractional" => TryNumber(field.Value, out var value) && TrySet(ref report, "rps_fractional", value),
        "eps" => TryNumber(field.Value, out var value) && TrySet(ref report, "eps", value),
        "utilization" => TryMap(field.Value, UtilizationField.Utilization, ref report),
        "namedMetrics" or "named_metrics" => TryMap(field.Value, UtilizationField.Named, ref report),
        _ => true,
    };

    private static bool TryMap(JsonElement map, UtilizationField field, ref LoadReport report)
    {
        if (map.ValueKind != JsonValueKind.Object)
        {
            return map.ValueKind == JsonValueKind.Null;
        }

        foreach (var entry in map.EnumerateObject())
        {
            if (!TryNumber(entry.Value, out var value))
            {
                return false;
            }

            report.Set(field, Encoding.UTF8.GetBytes(entry.Name), value);
        }

        return true;
    }

    private static bool TrySet(ref LoadReport report, string name, double value)
    {
        switch (name)
        {
            case "rps_fractional":
                report.Qps = value;
                return true;
            case "eps":
                report.Eps = value;
                return true;
            case "cpu_utilization":
                report.Cpu = value;
                return true;
            case "mem_utilization":
                report.Memory = value;
                return true;
            case "application_utilization":
                report.Application = value;
                return true;
            default:
                if (UtilizationMetric.Parse(name) is not { } metric)
                {
                    return false;
                }

                report.Set(metric.Field, Encoding.UTF8.GetBytes(metric.Key), value);
                return true;
        }
    }

    private static bool TryNumber(JsonElement json, out double value)
    {
        value = 0;
        return json.ValueKind switch
        {
            JsonValueKind.Null => true,
            JsonValueKind.Number => json.TryGetDouble(out value),
            JsonValueKind.String => TryNumber(json.GetString(), out value),
            _ => false,
        };
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
