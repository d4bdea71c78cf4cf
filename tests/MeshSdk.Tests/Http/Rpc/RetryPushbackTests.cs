using MeshSdk.Http.Rpc;

namespace MeshSdk.Tests.Http.Rpc;

public sealed class RetryPushbackTests
{
    public static TheoryData<string[], bool, double?> Values => new()
    {
        { [], true, null },
        { ["0"], true, 0 },
        { ["5"], true, 5 },
        { ["2147483647"], true, int.MaxValue },
        { ["-1"], false, null },
        { ["-2147483648"], false, null },
        { ["abc"], false, null },
        { ["5ms"], false, null },
        { ["1.5"], false, null },
        { ["1,000"], false, null },
        { [""], false, null },
        { [" "], false, null },
        { ["2147483648"], false, null },
        { ["99999999999999999999999"], false, null },
        { ["1", "2"], false, null },
        { ["1", "1"], false, null },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_number_is_a_wait_and_all_else_says_no(string[] values, bool isPermitted, double? milliseconds)
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation(RetryPushback.Header, values);
        Assert.Equal(isPermitted, RetryPushback.Permits(response, out var wait));
        Assert.Equal(milliseconds, wait?.TotalMilliseconds);
    }
}
