using System.Runtime.CompilerServices;
using MeshSdk.Model;
using Polly;
using Polly.Retry;

namespace MeshSdk.Resilience;

/// <summary>
/// The retries of each rule as a pipeline of Polly's, compiled when the rule's first request comes and kept as long as the rule is. What is run in it
/// says by its result whether it has to be run again, so that the same pipeline serves whatever a try may be.
/// </summary>
internal sealed class RetryPipelines(TimeProvider time, Random random)
{
    private readonly ConditionalWeakTable<RouteRetry, ResiliencePipeline<bool>> _pipelines = [];

    /// <summary>The pipeline for a stanza that allows at least one retry.</summary>
    public ResiliencePipeline<bool> For(RouteRetry retry) =>
        _pipelines.TryGetValue(retry, out var pipeline) ? pipeline : _pipelines.GetValue(retry, Compile);

    private ResiliencePipeline<bool> Compile(RouteRetry retry) => new ResiliencePipelineBuilder<bool> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<bool>
        {
            MaxRetryAttempts = retry.Attempts,
            ShouldHandle = static arguments => new(arguments.Outcome is { Exception: null, Result: true }),
            DelayGenerator = arguments => new((TimeSpan?)RetryBackoff.Wait(retry, arguments.AttemptNumber, random.NextDouble())),
        })
        .Build();
}
