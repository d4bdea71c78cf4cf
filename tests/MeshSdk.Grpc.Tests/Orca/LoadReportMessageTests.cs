using CsCheck;
using Google.Protobuf;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.LoadBalancing.Load;
using MeshSdk.Model;

namespace MeshSdk.Grpc.Tests.Orca;

/// <summary>The reader of the core against the library that servers write with.</summary>
public sealed class LoadReportMessageTests
{
    private static readonly LoadRules Rules = new(new BackendUtilizationModel
    {
        Metrics = [new UtilizationMetric(UtilizationField.Named, "a"), new UtilizationMetric(UtilizationField.Utilization, "b")],
    });

    private static readonly Gen<double> Number = Gen.OneOf(Gen.Double[0, 2], Gen.Double);

    private static readonly Gen<OrcaLoadReport> Report = Gen.Select(
        Number.Array[6], Gen.Select(Gen.Char['a', 'c'], Number).Array[0, 4], Gen.ULong, static (numbers, entries, rps) =>
        {
            var report = new OrcaLoadReport
            {
                CpuUtilization = numbers[0], MemUtilization = numbers[1], ApplicationUtilization = numbers[2], RpsFractional = numbers[3], Eps = numbers[4], Rps = rps,
            };
            foreach (var (key, value) in entries)
            {
                report.NamedMetrics[key.ToString()] = value;
                report.Utilization[key.ToString()] = value / 2;
                report.RequestCost[key.ToString()] = value * 2;
            }

            return report;
        });

    [Fact]
    public void What_the_library_writes_is_read() => Report.Sample(static message => AssertSame(message, message.ToByteArray()));

    [Fact]
    public void Bytes_that_went_wrong_are_read_as_the_library_reads_them_or_not_at_all() =>
        Gen.Select(Report, Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[1, 4], Gen.Int[0, 100]).Sample(static (message, changes, cut) =>
        {
            var bytes = message.ToByteArray();
            foreach (var (at, value) in changes)
            {
                if (bytes.Length > 0)
                {
                    bytes[at % bytes.Length] = value;
                }
            }

            AssertLike(bytes[..Math.Max(0, bytes.Length - (cut % 7))]);
        }, iter: 20_000);

    [Fact]
    public void Any_bytes_are_read_as_the_library_reads_them_or_not_at_all() =>
        Gen.OneOf(Gen.Byte, Gen.Byte[0, 80]).Array[0, 40].Sample(static bytes => AssertLike(bytes), iter: 20_000);

    private static void AssertLike(byte[] bytes)
    {
        var report = new LoadReport(Rules);
        if (LoadReportMessage.TryRead(bytes, ref report))
        {
            // Throws for what the library refuses; it lets some things pass within maps that are refused here.
            AssertSame(OrcaLoadReport.Parser.ParseFrom(bytes), bytes);
        }
    }

    private static void AssertSame(OrcaLoadReport message, byte[] bytes)
    {
        var report = new LoadReport(Rules);
        Assert.True(LoadReportMessage.TryRead(bytes, ref report));
        Assert.Equal(
            (message.CpuUtilization, message.MemUtilization, message.ApplicationUtilization, message.RpsFractional, message.Eps),
            (report.Cpu, report.Memory, report.Application, report.Qps, report.Eps));
        double[] named = [message.NamedMetrics.GetValueOrDefault("a"), message.Utilization.GetValueOrDefault("b")];
        var highest = named.Where(static value => value > 0 && double.IsFinite(value)).DefaultIfEmpty(0).Max();
        Assert.Equal(highest > 0 ? highest : message.ApplicationUtilization > 0 ? message.ApplicationUtilization : message.CpuUtilization, report.Utilization());
    }
}
