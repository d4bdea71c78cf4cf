namespace MeshSdk.Resilience;

/// <summary>
/// Keeps one gRPC client from retrying where most of its calls fail, as gRFC A6 has it: a bucket of tokens that failures empty and successes fill. Counted in
/// whole thousandths, for a ratio has three decimals.
/// </summary>
internal sealed class RetryThrottle
{
    private const int Token = 1000;

    private readonly int _most;
    private readonly int _gain;
    private int _tokens;

    /// <param name="maxTokens">How many there are at the beginning, and at most; what is not positive is taken for 1, and what A6 does not allow for 1000.</param>
    /// <param name="tokenRatio">What a success is worth; decimals after the third one do not count.</param>
    public RetryThrottle(int maxTokens, double tokenRatio)
    {
        _most = Math.Clamp(maxTokens, 1, 1000) * Token;

        // By way of decimal, which takes 0.57 for what is written and not for what is a little less.
        _gain = double.IsNaN(tokenRatio) ? 0 : (int)((decimal)Math.Clamp(tokenRatio, 0, 1000) * Token);
        _tokens = _most;
    }

    public decimal Tokens => Volatile.Read(ref _tokens) / (decimal)Token;

    /// <summary>Whether a call that failed may be retried: more than half of the tokens are there.</summary>
    public bool Permits => Volatile.Read(ref _tokens) > _most / 2;

    /// <summary>An attempt failed in a way that is retried, or its server asked for no retry.</summary>
    public void Fail() => Add(-Token);

    /// <summary>A call succeeded.</summary>
    public void Succeed() => Add(_gain);

    private void Add(int change)
    {
        int before, after;
        do
        {
            before = Volatile.Read(ref _tokens);
            after = Math.Clamp(before + change, 0, _most);
        }
        while (before != after && Interlocked.CompareExchange(ref _tokens, after, before) != before);
    }
}
