namespace Noos.Peripherals.Eye.Facts;

/// <summary>What sort of picture it is, as far as its pixels alone tell.</summary>
enum ImageKind
{
    /// <summary>One colour.</summary>
    Blank,

    /// <summary>Pixels that have nothing to do with their neighbours.</summary>
    Noise,

    /// <summary>A smooth change of colours, and nothing else.</summary>
    Gradient,

    /// <summary>Flat areas with sharp edges: a drawing, a diagram, an icon.</summary>
    Graphic,

    /// <summary>Much ground, with fine strokes in rows: a screen, or a page of text.</summary>
    Screenshot,

    /// <summary>Colours that change everywhere, and mostly little: a photograph, a scan, a painting.</summary>
    Photograph,
}
