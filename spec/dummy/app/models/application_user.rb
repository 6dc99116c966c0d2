# frozen_string_literal: true

# That a user uses a client app, and how many updates the app has not fetched yet.
class ApplicationUser < ApplicationRecord
  belongs_to :application, inverse_of: :application_users
  belongs_to :user, inverse_of: :application_users
end
