using System.Diagnostics;
using System.Globalization;
using System.Text;
using Noos.Core;
using Noos.Media.Images;

namespace Noos.Peripherals.Eye.Tesseract;

/// <summary>
/// The program tesseract (Apache-2.0) where it is installed: a process of its own, which gets the decoded pixels as a new PNG on its
/// standard input, and is ended when it takes too long.
/// </summary>
/// <param name="path">Of the program.</param>
public sealed class TesseractProgram(string path) : ITextRecognizer
{
    /// <summary>The line that installs it.</summary>
    public const string Remedy = "sudo apt-get install tesseract-ocr";

    const int MaxSide = 2400;

    // Letters of a screen are about half as high as those that it was trained on.
    const int SmallSide = 1200;
    const double MinWord = 0.3;
    const double MinLine = 0.5;
    const int Columns = 12;

    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    static readonly string[] s_folders = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", @"C:\Program Files\Tesseract-OCR"];

    // Whatever many requests bring at once, as many programs run; who comes later waits.
    static readonly SemaphoreSlim s_running = new(2);

    public string Name => "tesseract";

    /// <summary>Null where it is not installed.</summary>
    public static TesseractProgram? Find() => s_folders
        .SelectMany(folder => (string[])[Path.Combine(folder, "tesseract"), Path.Combine(folder, "tesseract.exe")])
        .FirstOrDefault(File.Exists) is { } found ? new TesseractProgram(found) : null;

    public async Task<IReadOnlyList<RecognizedLine>> RecognizeAsync(ImagePixels pixels, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var fitted = pixels.Fit(MaxSide);
        if (Math.Max(fitted.Width, fitted.Height) <= SmallSide)
        {
            fitted = fitted.Resize(fitted.Width * 2, fitted.Height * 2);
        }

        await s_running.WaitAsync(cancellationToken);
        try
        {
            return Parse(await RunAsync(ImageEncoder.EncodePng(fitted), cancellationToken));
        }
        finally
        {
            s_running.Release();
        }
    }

    async Task<string> RunAsync(byte[] png, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(path, ["stdin", "stdout", "--psm", "3", "tsv"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
        };
        // Its threads mostly wait for each other, on cores that have other work.
        start.Environment["OMP_THREAD_LIMIT"] = "1";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_limit);
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.BaseStream.WriteAsync(png, limit.Token);
            process.StandardInput.Close();
            var text = await output;
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? text : throw Failed((await errors).Trim().Split('\n')[^1], null);
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Failed(e is OperationCanceledException ? $"it took more than {s_limit.TotalSeconds:0} seconds" : e.Message, e);
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>
    /// Words with place and confidence, a line each with 12 columns: level, page, block, paragraph, line, word, box of four, confidence of
    /// 0 to 100, text. Lines that it is not sure of are patterns that it took for text.
    /// </summary>
    internal static IReadOnlyList<RecognizedLine> Parse(string tsv)
    {
        var lines = new List<(string Place, List<string> Words, List<double> Confidences)>();
        foreach (var line in tsv.Split('\n'))
        {
            var cells = line.TrimEnd('\r').Split('\t', Columns);
            if (cells.Length < Columns || cells[^1].Trim() is not { Length: > 0 } word
                || !double.TryParse(cells[^2], NumberStyles.Float, CultureInfo.InvariantCulture, out var confidence)
                || confidence / 100 < MinWord)
            {
                continue;
            }

            var place = string.Join('.', cells[1..5]);
            if (lines.Count == 0 || lines[^1].Place != place)
            {
                lines.Add((place, [], []));
            }

            lines[^1].Words.Add(word);
            lines[^1].Confidences.Add(Math.Min(1, confidence / 100));
        }

        return
        [
            .. lines.Select(line => new RecognizedLine(string.Join(' ', line.Words), line.Confidences.Average()))
                .Where(line => line.Confidence >= MinLine),
        ];
    }

    static void End(Process? process)
    {
        try
        {
            process?.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }

        process?.Dispose();
    }

    static NoosException Failed(string why, Exception? inner)
    {
        var message = $"The program tesseract failed ({why.ReplaceLineEndings(" ").TrimEnd('.')}); install it anew.";
        return inner is null
            ? new NoosException(ErrorKind.Unavailable, message) : new NoosException(ErrorKind.Unavailable, message, inner);
    }
}
