namespace Ralm.Ranking.Schema;

/// <summary>A place on the sphere, in degrees.</summary>
internal sealed record GeoPoint(double Latitude, double Longitude)
{
    public const int Numbers = 4;

    private const double EarthKilometres = 6371.0088;
    private const double CellsPerDegree = 100;

    public void Compare(GeoPoint other, Span<double> raw)
    {
        raw[0] = Math.Log(1 + KilometresTo(other));
        raw[1] = Cell == other.Cell ? 1 : 0;
        var bearing = BearingTo(other);
        raw[2] = Math.Sin(bearing);
        raw[3] = Math.Cos(bearing);
    }

    private (double, double) Cell => (Math.Floor(Latitude * CellsPerDegree), Math.Floor(Longitude * CellsPerDegree));

    /// <summary>The cell's name, for whoever counts by names.</summary>
    public string CellName => $"{Cell.Item1 + 0}/{Cell.Item2 + 0}";

    /// <summary>Haversine formula.</summary>
    public double KilometresTo(GeoPoint other)
    {
        var (a, b) = (Radians(Latitude), Radians(other.Latitude));
        var half = Square(Math.Sin((b - a) / 2));
        half += Math.Cos(a) * Math.Cos(b) * Square(Math.Sin(Radians(other.Longitude - Longitude) / 2));
        return 2 * EarthKilometres * Math.Asin(Math.Min(1, Math.Sqrt(half)));
    }

    /// <summary>Clockwise from north, where one sets out.</summary>
    private double BearingTo(GeoPoint other)
    {
        var (a, b) = (Radians(Latitude), Radians(other.Latitude));
        var east = Radians(other.Longitude - Longitude);
        return Math.Atan2(
            Math.Sin(east) * Math.Cos(b),
            (Math.Cos(a) * Math.Sin(b)) - (Math.Sin(a) * Math.Cos(b) * Math.Cos(east))
        );
    }

    private static double Radians(double degrees) => degrees * Math.PI / 180;

    private static double Square(double x) => x * x;
}
