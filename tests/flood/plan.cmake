# Command line, scenario files and reports of the load generator.
if(TARGET breakwater_flood_plan AND TARGET breakwater_flood_report)
  find_package(nlohmann_json REQUIRED)
  breakwater_test(flood_plan_test
    SOURCES plan_command_line_test.cpp plan_documents_test.cpp plan_scenario_test.cpp plan_sources_test.cpp
            plan_target_test.cpp
    LIBRARIES breakwater_flood_plan)
  breakwater_test(flood_report_test
    SOURCES report_histogram_test.cpp report_json_test.cpp report_progress_test.cpp report_text_test.cpp
    LIBRARIES breakwater_flood_report nlohmann_json::nlohmann_json)
endif()
