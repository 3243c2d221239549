using System.Globalization;
using System.Text;
using Noos.Media.Images;
using Noos.Peripherals.Eye.Facts;

namespace Noos.Peripherals.Eye;

/// <summary>
/// Puts into words what was seen of a picture: what is certain plainly, what is not with its confidence, and what nobody looked for as not
/// known, so that a model has no reason to invent it.
/// </summary>
static class ImageReportWriter
{
    const string Cut = "\n[The rest of the report is left out; look at a region of the picture for more.]";

    /// <param name="sight">What was seen.</param>
    /// <param name="maxLength">Characters.</param>
    public static string Write(ImageSight sight, int maxLength)
    {
        var text = new StringBuilder();
        text.Append(Invariant($"Picture: {sight.Info.Format.Name()}, {sight.Info.ShownWidth} x {sight.Info.ShownHeight} pixels"))
            .Append(sight.IsTransparent ? ", partly transparent" : "")
            .Append(sight.Info.Orientation == ImageOrientation.TopLeft ? "" : ", turned as its camera says")
            .Append(sight.Info.Frames > 1 ? Invariant($", an animation of {sight.Info.Frames} frames of which this is the first") : "")
            .Append(".\n");
        if (sight.Region is { } region)
        {
            text.Append(Invariant(
                $"Looked at: {region.Width} x {region.Height} pixels from column {region.Left}, row {region.Top}; all below is of it.\n"));
        }

        text.Append(Invariant($"Kind: {NameOf(sight.Kind)} (confidence {sight.Confidence:0.00}, by pixel statistics).\n"));
        if (sight.Colours.Count > 0)
        {
            text.Append("Colours: ")
                .AppendJoin(", ", sight.Colours.Select(colour => Invariant($"{colour.Name} {colour.Share:0%} (#{colour.Rgb:x6})")))
                .Append(".\n");
        }

        if (sight.IsEmpty)
        {
            text.Append("What it shows: nothing.\n");
        }
        else if (!sight.IsBrief)
        {
            WriteDescription(sight, text);
        }

        foreach (var code in sight.Codes)
        {
            text.Append(code.Kind).Append(": \"").Append(code.Text.ReplaceLineEndings(" ")).Append("\"\n");
        }

        if (sight is { IsBrief: false, IsEmpty: false })
        {
            text.Append(sight.Codes.Count == 0 ? "QR and bar codes: none found.\n" : "");
            WriteLines(sight, text);
        }

        var whole = text.ToString().TrimEnd();
        return whole.Length <= maxLength ? whole : whole[..Math.Max(0, maxLength - Cut.Length)].TrimEnd() + Cut;
    }

    static void WriteDescription(ImageSight sight, StringBuilder text)
    {
        var what = sight.Question is { } question
            ? $"The question \"{question.ReplaceLineEndings(" ")}\" about what it shows"
            : "What it shows";
        text.Append((sight.Description, sight.Describer) switch
        {
            ({ } description, { } name) =>
                $"{(sight.Question is null ? "Description" : "Answer about it")} by the model {name}, which may be wrong: {description}\n",
            (null, { } why) => $"{what} cannot be told: {why}\n",
            _ => $"{what} cannot be told: no description model is installed. Do not guess.\n",
        });
    }

    static void WriteLines(ImageSight sight, StringBuilder text)
    {
        switch (sight.Lines)
        {
            case null:
                text.Append(sight.Reader is { } why
                    ? $"Text in it could not be read: {why}\n"
                    : "Text in it cannot be told: no text reader is installed.\n");
                break;
            case []:
                text.Append("Text: ").Append(sight.Reader).Append(" found none that it is sure of.\n");
                break;
            case var lines:
                text.Append(Invariant(
                    $"Text as {sight.Reader} reads it (confidence {lines.Average(line => line.Confidence):0.00}):\n"));
                foreach (var line in lines)
                {
                    text.Append("| ").Append(line.Text).Append('\n');
                }

                break;
        }
    }

    static string NameOf(ImageKind kind) => kind switch
    {
        ImageKind.Blank => "blank, one colour",
        ImageKind.Noise => "noise, no picture of anything",
        ImageKind.Gradient => "a smooth change of colours and nothing else",
        ImageKind.Graphic => "drawing, diagram or icon",
        ImageKind.Screenshot => "screenshot or page of text",
        _ => "photograph, scan or painting",
    };

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
