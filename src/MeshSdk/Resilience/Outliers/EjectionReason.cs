namespace MeshSdk.Resilience.Outliers;

/// <summary>What an endpoint did to be ejected.</summary>
internal enum EjectionReason
{
    Consecutive5xx,
    ConsecutiveGatewayErrors,
    ConsecutiveLocalOriginFailures,
    SuccessRate,
    FailurePercentage,
}

internal static class EjectionReasons
{
    /// <summary>Envoy's word for it, which dashboards know.</summary>
    public static string Word(this EjectionReason reason) => reason switch
    {
        EjectionReason.Consecutive5xx => "consecutive_5xx",
        EjectionReason.ConsecutiveGatewayErrors => "consecutive_gateway_failure",
        EjectionReason.ConsecutiveLocalOriginFailures => "consecutive_local_origin_failure",
        EjectionReason.SuccessRate => "success_rate",
        _ => "failure_percentage",
    };
}
