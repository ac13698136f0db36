"""Published places: coordinates in EPSG:5514 and the bearing of true north."""

from lk_spatial.io.crs import from_wgs84

LIBEREC = (-688_117.960, -974_047.626)
LIBEREC_LON_LAT = (15.056, 50.767)

# x, y, grid bearing of true north [deg], its tolerance (the last digit of the source), source
CONVERGENCES = [
    (*LIBEREC, 7.35, 0.005, "data.md-2-Liberec"),
    (*from_wgs84(14.5376, 50.6855), 7.74, 0.01, "data.md-2-CeskaLipa"),
    (*from_wgs84(15.3355, 50.6020), 7.13, 0.01, "data.md-2-Semily"),
    (*from_wgs84(15.4490, 50.7300), 7.05, 0.01, "data.md-2-Rokytnice"),
    (-690_000, -972_000, 7.37, 0.005, "solar.md-convergence-trap-middle"),
    (-720_000, -972_000, 7.70, 0.06, "solar.md-convergence-trap-west"),
    (-640_000, -1_000_000, 6.80, 0.005, "solar.md-convergence-trap-east"),
]
