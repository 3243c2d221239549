using System.Diagnostics;
using System.Globalization;
using Noos.Training.Distributed;

namespace Noos.Training.Tests.Distributed;

/// <summary>
/// A worker in a process of its own, which can be killed and stopped, and whose machine can be made to fail: by a text such as
/// <c>slow 300</c> or <c>computed 7</c> (see <see cref="Faults"/>).
/// </summary>
static class WorkerProcess
{
    const string Variable = "NOOS_TEST_WORKER";

    public static ProcessStartInfo Create(string address, string keyFile, string fault = "")
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Noos.Training.Tests")) { UseShellExecute = false };
        start.Environment[Variable] = string.Join('|', address, keyFile, fault);

        // Small models on a busy machine: code that starts at once matters more than code that is fast.
        start.Environment["DOTNET_TieredPGO"] = "0";
        return start;
    }

    public static Process Start(string address, string keyFile, string fault = "") =>
        Process.Start(Create(address, keyFile, fault))!;

    /// <summary>Stops or continues a process: <c>STOP</c>, <c>CONT</c>.</summary>
    public static void Signal(int processId, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Whether this process was started as a worker; then it has worked until its training was over.</summary>
    public static bool RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
        {
            return false;
        }

        var parts = text.Split('|');
        CreateWorker(parts[0], parts[1], parts[2], Environment.ProcessId).Run(CancellationToken.None);
        return true;
    }

    /// <summary>A worker for a thread of this process.</summary>
    public static RemoteWorker CreateWorker(
        string address, string keyFile, string fault, int id, TimeSpan? patience = null) =>
        new(address, keyFile, patience ?? TimeSpan.FromSeconds(5)) { Faults = new Faults(fault), Id = id };

    /// <summary>
    /// <c>slow MILLISECONDS</c>: every gradient takes so much longer. <c>computed N</c>, <c>sending N</c>, <c>received N</c>: from order
    /// number N on, a bit of one value flips at that place. <c>die N</c>: the process ends in the middle of gradient N.
    /// </summary>
    sealed unsafe class Faults(string text) : WorkerFaults
    {
        readonly string _kind = text.Split(' ')[0];
        readonly int _number = text.Length > 0 ? int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture) : 0;
        int _gradients;

        public override void Computed(long order, int shard, float* gradient)
        {
            if (_kind == "slow")
            {
                Thread.Sleep(_number);
            }

            if (_kind == "die" && Interlocked.Increment(ref _gradients) >= _number)
            {
                Process.GetCurrentProcess().Kill();
            }

            Flip("computed", order, gradient);
        }

        public override void Sending(long order, int shard, float* gradient) => Flip("sending", order, gradient);

        public override void Received(long order, float* weights) => Flip("received", order, weights);

        void Flip(string kind, long order, float* values)
        {
            if (_kind == kind && order >= _number)
            {
                // The lowest bit of the exponent: half or twice as much, nothing that an outlier detector would see.
                ((uint*)values)[100] ^= 1u << 23;
            }
        }
    }
}
