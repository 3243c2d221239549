using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Noos.Language.Safetensors;
using Noos.Training.Checkpoints;

namespace Noos.Training.Tests.Checkpoints;

/// <summary>
/// A process of its own that writes checkpoints until it is killed: this assembly started again with a variable that its module
/// initialiser heeds before any test runs.
/// </summary>
static class CheckpointWriterProcess
{
    const string Variable = "NOOS_TEST_CHECKPOINT_WRITER";

    public static Process Start(string folder)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Noos.Training.Tests"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[Variable] = folder;
        return Process.Start(start)!;
    }

    public static IEnumerable<CheckpointBlob> Blobs(long step, int size = 5000) =>
    [
        new("model", [new("weight", [size], Enumerable.Repeat((float)step, size).ToArray()), new("bias", [1], new float[] { step })]),
        new("optimizer", [new("momentum", SafetensorsType.I64, [1], BitConverter.GetBytes(step))]),
    ];

    /// <summary>Fails the test unless the contents of a checkpoint are those of its step.</summary>
    public static void AssertIntact(Checkpoint checkpoint)
    {
        using var model = checkpoint.Open("model");
        using var optimizer = checkpoint.Open("optimizer");
        Assert.All(MemoryMarshal.Cast<byte, float>(model.Data("weight")).ToArray(), w => Assert.Equal(checkpoint.State.Step, w));
        Assert.Equal(checkpoint.State.Step, BitConverter.ToInt64(optimizer.Data("momentum")));
        Assert.Equal(checkpoint.State.Step * 10, checkpoint.State.Tokens);
    }

#pragma warning disable CA2255 // The initialiser is the way into this process before the test runner's Main.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            WriteForever(folder);
        }
    }

    static void WriteForever(string folder)
    {
        using var store = CheckpointStore.Open(folder, new CheckpointOptions { KeepLast = 2, KeepEvery = 5 });
        var step = store.LoadLatest()?.State.Step ?? 0;
        for (var i = 0; ; i++)
        {
            // Every third time the same step again, so that kills also hit a replacement.
            step += i % 3 == 2 ? 0 : 1;
            store.Save(new TrainingState { Step = step, Tokens = step * 10 }, Blobs(step));
            Console.Out.WriteLine(step);
            Console.Out.Flush();
        }
    }
}
