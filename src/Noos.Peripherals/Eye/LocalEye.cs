using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Noos.Core;
using Noos.Core.Devices;
using Noos.Media.Images;
using Noos.Peripherals.Eye.Facts;

namespace Noos.Peripherals.Eye;

/// <summary>
/// The eye: facts and codes, which are computed here and need no model, text if a reader is installed, and a description if a model was
/// chosen, in one report. What fails of the latter two is said in the report, which is of use without it. Thread-safe.
/// </summary>
public sealed class LocalEye : IEye
{
    const int MaxColours = 5;
    const int SmallSide = 128;

    // A region is enlarged until a model has something to look at.
    const int SmallRegion = 512;
    const int MaxEnlargement = 4;

    readonly EyeOptions _options;
    readonly Lazy<IImageDescriber?> _describer;
    readonly Lazy<ITextRecognizer?> _reader;
    readonly LinkedList<(string Key, ImageReport Report)> _kept = new();
    readonly Lock _keeping = new();

    /// <param name="options">Null for facts, codes and tesseract where it is installed.</param>
    public LocalEye(EyeOptions? options = null)
    {
        _options = options ?? new EyeOptions();
        _describer = new(() => _options.Describer?.Invoke());
        _reader = new(_options.TextRecognizer);
    }

    public string? Service => _options.Service;

    public async Task<ImageReport> LookAsync(
        ReadOnlyMemory<byte> content, LookRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var key = KeyOf(content.Span, request);
        if (Find(key) is { } known)
        {
            return known;
        }

        using var file = ImageFile.Open(content.Span, _options.Limits);
        var sight = await SeeAsync(file, request, cancellationToken);
        var report = new ImageReport(file.Info.Format.MediaType(), ImageReportWriter.Write(sight, request.MaxLength));
        if (!sight.IsIncomplete)
        {
            Keep(key, report);
        }

        return report;
    }

    async Task<ImageSight> SeeAsync(ImageFile file, LookRequest request, CancellationToken cancellationToken)
    {
        var pixels = await file.DecodeAsync(cancellationToken);
        var sight = new ImageSight(file.Info) { Question = request.Question, IsBrief = request.IsBrief };
        if (request.Region is { Length: > 0 } named)
        {
            // People count in the pixels that the picture has; a large photograph was decoded at a part of its size.
            var region = ImageRegion.Parse(named, file.Info.ShownWidth, file.Info.ShownHeight);
            var scale = (double)pixels.Width / file.Info.ShownWidth;
            var (left, top) = ((int)(region.Left * scale), (int)(region.Top * scale));
            pixels = pixels.Crop(
                left, top, Math.Clamp((int)(region.Width * scale), 1, pixels.Width - left),
                Math.Clamp((int)(region.Height * scale), 1, pixels.Height - top));
            sight = sight with { Region = region };
        }

        var flat = file.Info.HasAlpha ? pixels.Flatten() : pixels;
        sight = sight with { IsTransparent = flat != pixels };
        pixels = flat;
        sight = await Task.Run(() => Measure(sight, pixels), cancellationToken);
        if (request.IsBrief)
        {
            return sight;
        }

        if (sight.Region is not null && Math.Max(pixels.Width, pixels.Height) is var side and < SmallRegion)
        {
            var factor = Math.Min(MaxEnlargement, SmallRegion / side);
            pixels = pixels.Resize(pixels.Width * factor, pixels.Height * factor);
        }

        // What has nothing in it has no text either, and a model would see things in it.
        return sight.Kind is ImageKind.Blank or ImageKind.Noise or ImageKind.Gradient && request.Question is null
            ? sight with { IsEmpty = true }
            : await DescribeAsync(await ReadAsync(sight, pixels, cancellationToken), pixels, cancellationToken);
    }

    static ImageSight Measure(ImageSight sight, ImagePixels pixels)
    {
        var small = pixels.Fit(SmallSide);
        var (kind, confidence) = ImageClassifier.Classify(
            ImageStatistics.Measure(pixels, small), (long)pixels.Width * pixels.Height);
        return sight with
        {
            Kind = kind,
            Confidence = confidence,
            Colours = ColourNames.Find(small, MaxColours),
            Codes = sight.IsBrief || kind is ImageKind.Blank or ImageKind.Gradient ? [] : CodeReader.Read(pixels),
        };
    }

    async Task<ImageSight> ReadAsync(ImageSight sight, ImagePixels pixels, CancellationToken cancellationToken)
    {
        if (_reader.Value is not { } reader)
        {
            return sight;
        }

        try
        {
            return sight with { Lines = await reader.RecognizeAsync(pixels, cancellationToken), Reader = reader.Name };
        }
        catch (NoosException e)
        {
            return sight with { Reader = e.Message, IsIncomplete = true };
        }
    }

    async Task<ImageSight> DescribeAsync(ImageSight sight, ImagePixels pixels, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.MaxDescribing);
        try
        {
            return _describer.Value is { } describer
                ? sight with
                {
                    Description = await describer.DescribeAsync(pixels, sight.Question, limit.Token),
                    Describer = describer.Name,
                }
                : sight;
        }
        catch (NoosException e)
        {
            return sight with { Describer = e.Message, IsIncomplete = true };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return sight with { Describer = "the description model took too long.", IsIncomplete = true };
        }
    }

    static string KeyOf(ReadOnlySpan<byte> content, LookRequest request) => string.Join(
        '\0', Convert.ToHexStringLower(SHA256.HashData(content)),
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Region}\0{request.Question}"))),
        request.IsBrief ? "brief" : "", request.MaxLength.ToString(CultureInfo.InvariantCulture));

    /// <summary>A report that was made before; it is the newest from now on.</summary>
    ImageReport? Find(string key)
    {
        lock (_keeping)
        {
            for (var node = _kept.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    _kept.Remove(node);
                    _kept.AddFirst(node);
                    return node.Value.Report;
                }
            }

            return null;
        }
    }

    void Keep(string key, ImageReport report)
    {
        lock (_keeping)
        {
            _kept.AddFirst((key, report));
            while (_kept.Count > _options.MaxKept)
            {
                _kept.RemoveLast();
            }
        }
    }
}
