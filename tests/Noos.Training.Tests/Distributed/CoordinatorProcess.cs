using System.Diagnostics;
using System.Globalization;
using Noos.Training.Distributed;
using Noos.Training.Runs;
using Noos.Training.Tests.Runs;

namespace Noos.Training.Tests.Distributed;

/// <summary>A distributed training in a process of its own, which prints each step it has done and can be killed.</summary>
static class CoordinatorProcess
{
    const string Variable = "NOOS_TEST_COORDINATOR";

    /// <param name="folder">Of the run.</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="keyFile">Of those who join.</param>
    /// <param name="lastStep">After this one it stands still: updates take milliseconds, and it is to be killed before its end.</param>
    public static Process Start(string folder, string address, string keyFile, int lastStep = int.MaxValue)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Noos.Training.Tests"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[Variable] = string.Join('|', folder, address, keyFile, lastStep.ToString(CultureInfo.InvariantCulture));
        return Process.Start(start)!;
    }

    /// <summary>Whether this process was started as one; then it has trained to the end.</summary>
    public static bool RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
        {
            return false;
        }

        var parts = text.Split('|');
        var lastStep = int.Parse(parts[3], CultureInfo.InvariantCulture);
        var services = new RunServices
        {
            Observer = new TinyTraining.Observer(metrics =>
            {
                Console.Out.WriteLine(metrics.Step);
                if (metrics.Step >= lastStep)
                {
                    Thread.Sleep(Timeout.Infinite);
                }
            }),
            WritesBesideTraining = true,
            CheckpointShards = 2,
            Gradients = (plan, parameters, note) => new DistributedGradients(
                plan, parameters, new DistributedOptions { Listen = parts[1], KeyFile = parts[2] }, incident => note(incident.Message)),
        };
        using var run = TinyTraining.Open(parts[0], services, DistributedTrainingTests.Plan);
        run.Run(CancellationToken.None);
        return true;
    }
}
