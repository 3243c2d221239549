using System.Diagnostics;
using Noos.Training.Distributed;
using Noos.Training.Runs;
using Noos.Training.Tests.Runs;

namespace Noos.Training.Tests.Distributed;

/// <summary>A distributed training in a process of its own, which prints each step it has done and can be killed.</summary>
static class CoordinatorProcess
{
    const string Variable = "NOOS_TEST_COORDINATOR";

    public static Process Start(string folder, string address, string keyFile)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Noos.Training.Tests"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[Variable] = string.Join('|', folder, address, keyFile);
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
        var services = new RunServices
        {
            Observer = new TinyTraining.Observer(metrics => Console.Out.WriteLine(metrics.Step)),
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
