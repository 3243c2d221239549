namespace Noos.Training.Model.Fused;

/// <summary>
/// One matrix of the flat buffer as the products see it: [rows, columns], several parameters together where they lie side by side.
/// </summary>
/// <param name="Index">Number in <see cref="WeightMatrices.All"/>.</param>
/// <param name="Offset">First value in the flat buffer.</param>
readonly record struct WeightMatrix(int Index, long Offset, int Rows, int Columns);
