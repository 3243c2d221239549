namespace Noos.Language.Architectures;

/// <summary>Ministral 3: a Llama stretched by YaRN, whose attention grows sharper with the position.</summary>
public sealed class Mistral3 : Architecture
{
    public override string Name => "mistral3";

    public override DecoderConfig Read(ModelMetadata metadata)
    {
        var config = metadata.Common(isInterleaved: true);
        return config with
        {
            TemperatureScale = metadata.GetNumber("attention.temperature_scale", 0),
            TemperatureLength = config.Rotary.OriginalContextLength,
            Rotary = config.Rotary with { Magnitude = MagnitudeOf(config.Rotary, metadata) },
        };
    }

    /// <summary>
    /// YaRN's own factor, 1 + 0.1 ln(factor), is divided by the same with another slope, usually the same one, so that none is left
    /// (mscale and mscale_all_dim of DeepSeek 2).
    /// </summary>
    static float MagnitudeOf(RotaryConfig rotary, ModelMetadata metadata) =>
        metadata.GetNumber("rope.scaling.yarn_log_multiplier", 0) is var slope && slope == 0 || rotary.Factor <= 1
            ? rotary.Magnitude
            : rotary.Magnitude / (1 + (0.1f * slope * MathF.Log(rotary.Factor)));
}
