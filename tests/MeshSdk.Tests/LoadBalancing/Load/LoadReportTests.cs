using CsCheck;
using MeshSdk.LoadBalancing.Load;
using MeshSdk.Model;

namespace MeshSdk.Tests.LoadBalancing.Load;

/// <summary>What of a report counts, in each form in which it can be written.</summary>
public sealed class LoadReportTests
{
    // qps / (utilization + eps/qps × penalty)
    [Theory]
    [InlineData("cpu_utilization=1,rps_fractional=10", 1.0, 10)]
    [InlineData("cpu_utilization=0.1,rps_fractional=10", 1.0, 100)]
    [InlineData("application_utilization=0.5,cpu_utilization=1,rps_fractional=10", 1.0, 20)]
    [InlineData("application_utilization=0,cpu_utilization=1,rps_fractional=10", 1.0, 10)]
    [InlineData("cpu_utilization=0.1,rps_fractional=10,eps=10", 0.9, 10)]
    [InlineData("cpu_utilization=1,rps_fractional=10,eps=10", 1.0, 5)]
    [InlineData("cpu_utilization=1,rps_fractional=10,eps=10", 0.0, 10)]
    [InlineData("cpu_utilization=1", 1.0, 0)]
    [InlineData("rps_fractional=10", 1.0, 0)]
    [InlineData("cpu_utilization=-1,rps_fractional=10", 1.0, 0)]
    [InlineData("cpu_utilization=1,rps_fractional=-10", 1.0, 0)]
    [InlineData("cpu_utilization=1,rps_fractional=10,eps=-1", 1.0, 0)]
    [InlineData("mem_utilization=1,rps_fractional=10", 1.0, 0)]
    public void The_weight_is_what_an_endpoint_can_take(string text, double penalty, double expected) =>
        Assert.Equal(expected, Weight("TEXT " + text, penalty), 1e-9);

    [Theory]
    [InlineData("mem_utilization", "mem_utilization=0.5,cpu_utilization=1", 0.5)]
    [InlineData("named_metrics.foo", "named_metrics.foo=0.2,application_utilization=1", 0.2)]
    [InlineData("named_metrics.foo.bar", "named_metrics.foo.bar=0.2,cpu_utilization=1", 0.2)]
    [InlineData("utilization.disk", "utilization.disk=0.4,named_metrics.disk=0.9,cpu_utilization=1", 0.4)]
    [InlineData("utilization.disk mem_utilization", "utilization.disk=0.4,mem_utilization=0.6,cpu_utilization=1", 0.6)]
    [InlineData("utilization.disk mem_utilization", "utilization.disk=0.7,mem_utilization=0.6,cpu_utilization=1", 0.7)]
    [InlineData("cpu_utilization named_metrics.foo", "application_utilization=0.9,cpu_utilization=0.3", 0.3)]
    [InlineData("application_utilization cpu_utilization", "application_utilization=0.2,cpu_utilization=0.3", 0.3)]
    [InlineData("named_metrics.foo", "named_metrics.bar=0.2,application_utilization=0.9", 0.9)]
    [InlineData("named_metrics.foo", "named_metrics.foo=0,cpu_utilization=0.8", 0.8)]
    [InlineData("named_metrics.foo", "named_metrics.foo=-3,cpu_utilization=0.8", 0.8)]
    public void The_utilization_is_the_highest_of_the_metrics_that_the_policy_names(string names, string text, double expected) =>
        Assert.Equal(10 / expected, Weight($"TEXT rps_fractional=10,{text}", 1, names), 1e-9);

    [Theory]
    [InlineData("TEXT cpu_utilization=0.5,rps_fractional=10", 20)]
    [InlineData("TEXT cpu_utilization:0.5 , rps_fractional : 10", 20)]
    [InlineData("TEXT cpu_utilization=0.5,rps_fractional=10,utilization.x=1,named_metrics.y=2,mem_utilization=1", 20)]
    [InlineData("JSON {\"cpuUtilization\": 0.5, \"rpsFractional\": \"10\", \"namedMetrics\": {\"y\": 2}, \"other\": []}", 20)]
    [InlineData("JSON {\"cpu_utilization\": 0.5, \"rps_fractional\": 1e1, \"eps\": null}", 20)]
    [InlineData("BIN CQAAAAAAAOA/MQAAAAAAACRA", 20)]
    [InlineData("BIN CQAAAAAAAOA/MQAAAAAAACRA=", 20)]
    public void A_report_can_be_written_in_several_forms(string header, double expected) => Assert.Equal(expected, Weight(header), 1e-9);

    [Theory]
    [InlineData("")]
    [InlineData("cpu_utilization=0.5,rps_fractional=10")]
    [InlineData("text cpu_utilization=0.5,rps_fractional=10")]
    [InlineData("TEXT ")]
    [InlineData("TEXT cpu_utilization=0.5,rps_fractional=10,")]
    [InlineData("TEXT cpu_utilization=0.5,rps_fractional=10,rps=10")]
    [InlineData("TEXT cpu_utilization=0.5,rps_fractional=10,cpu_utilization=0.5")]
    [InlineData("TEXT cpu_utilization=NaN,rps_fractional=10")]
    [InlineData("TEXT cpu_utilization=0.5,rps_fractional=10,eps=Infinity")]
    [InlineData("TEXT cpu_utilization=0.5,rps_fractional=\"10\"")]
    [InlineData("TEXT cpu_utilization=0.5,rps_fractional=10,named_metrics.=1")]
    [InlineData("JSON")]
    [InlineData("JSON [1]")]
    [InlineData("JSON {\"cpuUtilization\": 0.5, \"rpsFractional\": 10")]
    [InlineData("JSON {\"cpuUtilization\": 0.5, \"rpsFractional\": true}")]
    [InlineData("JSON {\"cpuUtilization\": 0.5, \"rpsFractional\": 10, \"utilization\": 3}")]
    [InlineData("BIN ")]
    [InlineData("BIN CQAAAAAAAOA/MQAAAAAAACR")]
    [InlineData("BIN CQAAAAAAAOA/MQAAAAAAACRA,CQAAAAAAAOA/MQAAAAAAACRA")]
    [InlineData("BIN ?QAAAAAAAOA/MQAAAAAAACRA")]
    public void What_cannot_be_read_counts_for_nothing(string header) => Assert.Equal(0, Weight(header));

    [Fact]
    public void One_that_is_too_long_is_not_looked_at() =>
        Assert.Equal(0, Weight("TEXT cpu_utilization=0.5,rps_fractional=10,named_metrics." + new string('x', 20_000) + "=1"));

    [Fact]
    public void Two_at_once_count_for_nothing_and_the_message_comes_before_the_text()
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation(LoadReportHeader.Binary, "CQAAAAAAAOA/MQAAAAAAACRA");
        response.Headers.TryAddWithoutValidation(LoadReportHeader.Any, "TEXT cpu_utilization=0.1,rps_fractional=10");
        Assert.Equal(20, Weight(response));
        response.Headers.TryAddWithoutValidation(LoadReportHeader.Binary, "CQAAAAAAAOA/MQAAAAAAACRA");
        Assert.Equal(0, Weight(response));
    }

    [Fact]
    public void Nothing_that_stands_in_a_header_throws_or_makes_a_weight_that_is_none() =>
        Gen.Select(Gen.Int[0, 3].Select(static i => new[] { "TEXT ", "JSON ", "BIN ", "" }[i]), Gen.String[0, 60]).Sample(static (prefix, text) =>
        {
            var weight = Weight(prefix + text);
            Assert.True(weight == 0 || (weight > 0 && double.IsFinite(weight)));
        });

    [Fact]
    public void No_bytes_throw_or_make_a_weight_that_is_none() => Gen.Byte.Array[0, 80].Sample(static bytes =>
    {
        var weight = Weight("BIN " + Convert.ToBase64String(bytes), 1, "named_metrics.a utilization.b mem_utilization");
        Assert.True(weight == 0 || (weight > 0 && double.IsFinite(weight)));
    });

    private static double Weight(string header, double penalty = 1, string names = "")
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation(LoadReportHeader.Any, header);
        return Weight(response, penalty, names);
    }

    private static double Weight(HttpResponseMessage response, double penalty = 1, string names = "")
    {
        var report = new LoadReport(new LoadRules(new BackendUtilizationModel
        {
            ErrorPenalty = penalty,
            Metrics = [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static name => UtilizationMetric.Parse(name)!)],
        }));
        return LoadReportHeader.TryRead(response.Headers, ref report) ? report.Weight() : 0;
    }
}
