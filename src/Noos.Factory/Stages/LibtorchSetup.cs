using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Training.Torch;

namespace Noos.Factory.Stages;

/// <summary>Gets libtorch where it is missing: before the first training, never for a chat.</summary>
public static class LibtorchSetup
{
    /// <param name="stage">What the progress calls it.</param>
    /// <param name="progress">Told of the download.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Told that there is one.</param>
    /// <param name="cancellationToken">Stops the download.</param>
    /// <exception cref="NoosException">It cannot be downloaded.</exception>
    public static async Task EnsureAsync(
        string stage, IProgress<StageProgress>? progress, TimeProvider timeProvider, ILogger logger, CancellationToken cancellationToken)
    {
        if (LibtorchPackage.Default.FindLibraries() is null)
        {
            Log.DownloadingLibtorch(logger);
        }

        await LibtorchPackage.Default.EnsureAsync(new LibtorchDownload(stage, progress), timeProvider, cancellationToken);
    }

    sealed class LibtorchDownload(string stage, IProgress<StageProgress>? progress) : IProgress<LibtorchProgress>
    {
        public void Report(LibtorchProgress value) => progress?.Report(new StageProgress(stage, StageState.Running)
        {
            Done = value.Bytes,
            Total = value.TotalBytes,
            Unit = "bytes",
            Detail = value.TotalBytes is null ? "unpacking libtorch" : "downloading libtorch, once",
        });
    }
}
